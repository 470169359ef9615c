// Filters on texts. Like Jinja's they take values of any kind, as str() shows them.
#include "text/template/access.h"
#include "text/template/filters.h"
#include "text/template/letters.h"
#include "text/template/percent_format.h"
#include "text/template/print.h"
#include "text/template/runtime.h"
#include "text/template/text_edit.h"

namespace cortland::text {
namespace {

constexpr int64_t kMaxIndent = 1000;

// Starts a new word, for the title filter.
bool is_word_start(char32_t point) {
  return is_space(point) || std::u32string_view(U"-({[<").find(point) != std::u32string_view::npos;
}

// Unlike str.title it leaves "it's" one word.
std::string title_words(std::string_view text) {
  std::string out;
  CodePoints word;
  const auto finish_word = [&] {
    if (word.empty()) return;
    out += to_upper(encode_utf8(word.substr(0, 1))) + str_lower(encode_utf8(word.substr(1)));
    word.clear();
  };
  for (const char32_t point : decode_utf8(text)) {
    if (is_word_start(point)) {
      finish_word();
      append_code_point(point, out);
    } else {
      word += point;
    }
  }
  finish_word();
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

template <std::string (*change)(std::string_view)>
Value changed(Runtime& runtime, const Value& self, Arguments&) {
  const std::string text = to_text(runtime, self);
  if (!runtime.spend(text.size()) || !runtime.fits(8 * text.size())) return {};
  return runtime.text(change(text));
}

Value trim(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* characters = text_at(runtime, given, 0);
  const Value text = to_text_value(runtime, self);
  return text.text() ? strip_text(runtime, text, Ends::both, characters) : Value();
}

Value replace(Runtime& runtime, const Value& self, Arguments& given) {
  const Value text = to_text_value(runtime, self);
  const Value old_part = to_text_value(runtime, at(given, 0)), new_part = to_text_value(runtime, at(given, 1));
  const int64_t count = integer_at(runtime, given, 2, -1);
  if (runtime.failed()) return {};
  return replace_text(runtime, text, *old_part.text(), *new_part.text(), count);
}

Value center(Runtime& runtime, const Value& self, Arguments& given) {
  const Value text = to_text_value(runtime, self);
  return text.text() ? align_text(runtime, text, Align::center, integer_at(runtime, given, 0, 80), " ") : Value();
}

Value count_words(Runtime& runtime, const Value& self, Arguments&) {
  int64_t words = 0;
  bool was_word = false;
  const std::string text = to_text(runtime, self);
  if (!runtime.spend(text.size()) || !runtime.fits(4 * text.size())) return {};
  for (const char32_t point : decode_utf8(text)) {
    const bool is_ascii_word = (point >= '0' && point <= '9') || point == '_' || is_cased(point);
    // Beyond ASCII, what is neither space nor in a block of punctuation and symbols is taken for a letter.
    const bool is_punctuation = (point >= 0x2000 && point < 0x2070) || (point >= 0x20A0 && point < 0x2C00) ||
                                (point >= 0x3000 && point < 0x3004) || (point >= 0x1F000 && point < 0x20000);
    const bool is_word = point < 0x80 ? is_ascii_word : !is_space(point) && !is_punctuation && point >= 0xAA;
    if (is_word && !was_word) ++words;
    was_word = is_word;
  }
  return words;
}

// Lines behind the first one move right; empty ones only when asked for.
Value indent(Runtime& runtime, const Value& self, Arguments& given) {
  if (self.text() == nullptr) return runtime.fail("indent wants a text; got " + describe(self));
  std::string margin;
  if (at(given, 0).text()) {
    margin = at(given, 0).text()->bytes;
  } else {
    const int64_t width = integer_at(runtime, given, 0, 4);
    if (width > kMaxIndent) return runtime.fail("an indent that is too wide; got " + std::to_string(width));
    margin.assign(width < 0 ? 0 : static_cast<size_t>(width), ' ');
  }
  const bool moves_first = flag_at(given, 1), moves_empty = flag_at(given, 2);
  const Value text = runtime.text(self.text()->bytes + "\n");  // so that a line end at the end makes a line
  const Value lines = text.text() ? split_lines(runtime, text, LineEnds::dropped) : Value();
  if (lines.sequence() == nullptr) return {};
  Writer out(runtime);
  const std::vector<Value>& elements = lines.sequence()->elements;
  for (size_t i = 0; i < elements.size() && !runtime.failed(); ++i) {
    const std::string& line = elements[i].text()->bytes;
    if (i > 0) out.write("\n");
    if (i == 0 ? moves_first : moves_empty || !line.empty()) out.write(margin);
    out.write(line);
  }
  return out.finish();
}

Value format(Runtime& runtime, const Value& self, Arguments& given) {
  Value values = runtime.tuple(given.positional);
  if (!given.named.empty()) {
    if (!given.positional.empty()) return runtime.fail("format wants values with names or without, not both");
    Dict dict;
    for (auto& [name, value] : given.named) dict.set(Value(name), std::move(value));
    values = runtime.dict(std::move(dict));
  }
  return runtime.failed() ? Value() : percent_format(runtime, to_text(runtime, self), values);
}

constexpr Builtin kTextFilters[] = {
    {"capitalize", "", 0, changed<capitalize>},
    {"center", "width", 0, center},
    {"e", "", 0, changed<escape>},
    {"escape", "", 0, changed<escape>},
    {"forceescape", "", 0, changed<escape>},
    {"format", "*", 0, format},
    {"indent", "width first blank", 0, indent},
    {"lower", "", 0, changed<str_lower>},
    {"replace", "old new count", 2, replace},
    {"title", "", 0, changed<title_words>},
    {"trim", "chars", 0, trim},
    {"upper", "", 0, changed<to_upper>},
    {"wordcount", "", 0, count_words},
};

}  // namespace

std::span<const Builtin> text_filters() { return kTextFilters; }

}  // namespace cortland::text
