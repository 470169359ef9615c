// Methods of str. Most filters on texts have the same meaning and use these.
#include <algorithm>

#include "text/template/access.h"
#include "text/template/finder.h"
#include "text/template/letters.h"
#include "text/template/methods.h"
#include "text/template/percent_format.h"
#include "text/template/runtime.h"
#include "text/template/text_edit.h"

namespace cortland::text {
namespace {

const std::string& bytes_of(const Value& self) { return self.text()->bytes; }

template <std::string (*change)(std::string_view)>
Value changed(Runtime& runtime, const Value& self, Arguments&) {
  const size_t size = bytes_of(self).size();
  return runtime.spend(size) && runtime.fits(8 * size) ? runtime.text(change(bytes_of(self))) : Value();
}

template <Ends ends>
Value strip(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* characters = text_at(runtime, given, 0);
  return strip_text(runtime, self, ends, characters);
}

Value split(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* separator = text_at(runtime, given, 0);
  return split_text(runtime, self, separator, integer_at(runtime, given, 1, -1), Side::left);
}

Value rsplit(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* separator = text_at(runtime, given, 0);
  return split_text(runtime, self, separator, integer_at(runtime, given, 1, -1), Side::right);
}

Value splitlines(Runtime& runtime, const Value& self, Arguments& given) {
  return split_lines(runtime, self, flag_at(given, 0) ? LineEnds::kept : LineEnds::dropped);
}

Value partition(Runtime& runtime, const Value& self, Side side, const Text* separator) {
  if (separator == nullptr || separator->bytes.empty()) return runtime.fail("a partition wants a separator");
  const std::string& text = bytes_of(self);
  runtime.spend_bytes(text.size() + separator->bytes.size());
  const Finder finder(separator->bytes);
  const size_t found = side == Side::left ? finder.find(text) : finder.rfind(text);
  const Value nothing = runtime.text("");
  if (found == text.npos) {
    return side == Side::left ? runtime.tuple({self, nothing, nothing}) : runtime.tuple({nothing, nothing, self});
  }
  return runtime.tuple({runtime.text(text.substr(0, found)), runtime.text(separator->bytes),
                        runtime.text(text.substr(found + separator->bytes.size()))});
}

Value partition_left(Runtime& runtime, const Value& self, Arguments& given) {
  return partition(runtime, self, Side::left, text_at(runtime, given, 0));
}

Value partition_right(Runtime& runtime, const Value& self, Arguments& given) {
  return partition(runtime, self, Side::right, text_at(runtime, given, 0));
}

// Whether any of the texts given, one or a tuple, holds at that end.
template <Side side>
Value has_end(Runtime& runtime, const Value& self, Arguments& given) {
  const Sequence* several = at(given, 0).sequence();
  const std::vector<Value> wanted = several ? several->elements : std::vector<Value>{at(given, 0)};
  for (const Value& one : wanted) {
    if (!one.text()) return runtime.fail("startswith and endswith want a text or several; got " + describe(one));
    if (!runtime.spend_bytes(one.text()->bytes.size())) return {};
    const std::string_view text = bytes_of(self), part = one.text()->bytes;
    if (side == Side::left ? text.starts_with(part) : text.ends_with(part)) return true;
  }
  return false;
}

template <Side side>
Value without_end(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* part = text_at(runtime, given, 0);
  std::string_view text = bytes_of(self);
  if (part && side == Side::left && text.starts_with(part->bytes)) text.remove_prefix(part->bytes.size());
  if (part && side == Side::right && text.ends_with(part->bytes)) text.remove_suffix(part->bytes.size());
  return runtime.text(std::string(text));
}

Value replace(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* old_part = text_at(runtime, given, 0);
  const Text* new_part = text_at(runtime, given, 1);
  if (!old_part || !new_part) return runtime.fail("replace wants two texts");
  return replace_text(runtime, self, *old_part, *new_part, integer_at(runtime, given, 2, -1));
}

// The character where it begins, or -1.
template <Side side>
Value find(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* part = text_at(runtime, given, 0);
  const std::string& text = bytes_of(self);
  if (!part || !runtime.spend_bytes(text.size() + part->bytes.size())) return {};
  const Finder finder(part->bytes);
  const size_t found = side == Side::left ? finder.find(text) : finder.rfind(text);
  if (found == text.npos) return int64_t{-1};
  return static_cast<int64_t>(count_code_points(std::string_view(text).substr(0, found)));
}

Value index(Runtime& runtime, const Value& self, Arguments& given) {
  const Value found = find<Side::left>(runtime, self, given);
  const int64_t* place = found.get<int64_t>();
  return place && *place < 0 ? runtime.fail("index does not find the text") : found;
}

Value count(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* part = text_at(runtime, given, 0);
  const std::string& text = bytes_of(self);
  if (!part || !runtime.spend_bytes(text.size() + part->bytes.size())) return {};
  if (part->bytes.empty()) return static_cast<int64_t>(count_code_points(text)) + 1;
  const Finder finder(part->bytes);
  int64_t found = 0;
  for (size_t i = finder.find(text); i != text.npos; i = finder.find(text, i + part->bytes.size())) ++found;
  return found;
}

Value join(Runtime& runtime, const Value& self, Arguments& given) {
  const SequencePointer parts = elements_of(runtime, at(given, 0));
  if (parts == nullptr) return {};
  Writer out(runtime);
  for (size_t i = 0; i < parts->elements.size() && !runtime.failed(); ++i) {
    if (i > 0) out.write(bytes_of(self));
    const Text* part = parts->elements[i].text();
    if (part == nullptr) return runtime.fail("join wants texts; got " + describe(parts->elements[i]));
    out.write(part->bytes);
  }
  return out.finish();
}

template <Align align>
Value aligned(Runtime& runtime, const Value& self, Arguments& given) {
  const int64_t width = integer_at(runtime, given, 0, 0);
  const Text* fill = text_at(runtime, given, 1);
  return align_text(runtime, self, align, width, fill ? fill->bytes : " ");
}

Value zfill(Runtime& runtime, const Value& self, Arguments& given) {
  const std::string& text = bytes_of(self);
  const std::string sign = text.starts_with('-') || text.starts_with('+') ? text.substr(0, 1) : "";
  const int64_t width = integer_at(runtime, given, 0, 0) - static_cast<int64_t>(sign.size());
  const Value digits = align_text(runtime, runtime.text(text.substr(sign.size())), Align::right, width, "0");
  return digits.text() ? runtime.text(sign + digits.text()->bytes) : Value();
}

template <bool (*test)(char32_t)>
Value all_are(Runtime& runtime, const Value& self, Arguments&) {
  const size_t size = bytes_of(self).size();
  if (!runtime.spend(size) || !runtime.fits(4 * size)) return {};
  const CodePoints points = decode_utf8(bytes_of(self));
  return !points.empty() && std::all_of(points.begin(), points.end(), test);
}

bool is_ascii_digit(char32_t point) { return point >= '0' && point <= '9'; }
// Letters without case count too; what is no letter among those beyond ASCII is not told apart.
bool is_letter(char32_t point) {
  return point < 0x80 ? is_cased(point) : is_printable(point) && !is_space(point) && point >= 0xAA;
}
bool is_letter_or_digit(char32_t point) { return is_letter(point) || is_ascii_digit(point); }

template <bool (*test)(std::string_view)>
Value is(Runtime& runtime, const Value& self, Arguments&) {
  const size_t size = bytes_of(self).size();
  return runtime.spend(size) && runtime.fits(4 * size) && test(bytes_of(self));
}

constexpr Builtin kText[] = {
    {"capitalize", "", 0, changed<capitalize>},
    {"center", "width fillchar", 1, aligned<Align::center>},
    {"count", "sub", 1, count},
    {"endswith", "suffix", 1, has_end<Side::right>},
    {"find", "sub", 1, find<Side::left>},
    {"index", "sub", 1, index},
    {"isalnum", "", 0, all_are<is_letter_or_digit>},
    {"isalpha", "", 0, all_are<is_letter>},
    {"isdecimal", "", 0, all_are<is_ascii_digit>},
    {"isdigit", "", 0, all_are<is_ascii_digit>},
    {"islower", "", 0, is<is_lower>},
    {"isnumeric", "", 0, all_are<is_ascii_digit>},
    {"isspace", "", 0, all_are<is_space>},
    {"isupper", "", 0, is<is_upper>},
    {"join", "iterable", 1, join},
    {"ljust", "width fillchar", 1, aligned<Align::left>},
    {"lower", "", 0, changed<str_lower>},
    {"lstrip", "chars", 0, strip<Ends::left>},
    {"partition", "sep", 1, partition_left},
    {"removeprefix", "prefix", 1, without_end<Side::left>},
    {"removesuffix", "suffix", 1, without_end<Side::right>},
    {"replace", "old new count", 2, replace},
    {"rfind", "sub", 1, find<Side::right>},
    {"rjust", "width fillchar", 1, aligned<Align::right>},
    {"rpartition", "sep", 1, partition_right},
    {"rsplit", "sep maxsplit", 0, rsplit},
    {"rstrip", "chars", 0, strip<Ends::right>},
    {"split", "sep maxsplit", 0, split},
    {"splitlines", "keepends", 0, splitlines},
    {"startswith", "prefix", 1, has_end<Side::left>},
    {"strip", "chars", 0, strip<Ends::both>},
    {"title", "", 0, changed<to_title>},
    {"upper", "", 0, changed<to_upper>},
    {"zfill", "width", 1, zfill},
};

}  // namespace

std::span<const Builtin> text_methods() { return kText; }

}  // namespace cortland::text
