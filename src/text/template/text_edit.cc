#include "text/template/text_edit.h"

#include <algorithm>

#include "text/template/code_points.h"
#include "text/template/finder.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

// str.split() without a separator, from the left.
std::vector<std::u32string_view> split_words(std::u32string_view text, size_t limit) {
  std::vector<std::u32string_view> words;
  size_t i = 0;
  while (true) {
    while (i < text.size() && is_space(text[i])) ++i;
    if (i == text.size()) return words;
    size_t end = i;
    if (words.size() == limit) {
      end = text.size();
      while (is_space(text[end - 1])) --end;
      words.push_back(text.substr(i, end - i));
      return words;
    }
    while (end < text.size() && !is_space(text[end])) ++end;
    words.push_back(text.substr(i, end - i));
    i = end;
  }
}

std::vector<std::u32string_view> split_words_from_right(std::u32string_view text, size_t limit) {
  std::vector<std::u32string_view> words;
  size_t end = text.size();
  while (true) {
    while (end > 0 && is_space(text[end - 1])) --end;
    if (end == 0) break;
    size_t i = end;
    if (words.size() == limit) {
      for (i = 0; is_space(text[i]);) ++i;
      words.push_back(text.substr(i, end - i));
      break;
    }
    while (i > 0 && !is_space(text[i - 1])) --i;
    words.push_back(text.substr(i, end - i));
    end = i;
  }
  std::reverse(words.begin(), words.end());
  return words;
}

std::vector<size_t> places_of(std::string_view wanted, std::string_view text) {
  const Finder finder(wanted);
  std::vector<size_t> places;
  for (size_t i = finder.find(text); i != text.npos; i = finder.find(text, i + wanted.size())) places.push_back(i);
  return places;
}

Value list_of(Runtime& runtime, const std::vector<std::string_view>& parts) {
  std::vector<Value> values;
  for (const std::string_view part : parts) {
    if (runtime.failed()) return {};
    values.push_back(runtime.text(std::string(part)));
  }
  return runtime.list(std::move(values));
}

}  // namespace

Value strip_text(Runtime& runtime, const Value& self, Ends ends, const Text* set) {
  std::string_view text = self.text()->bytes;
  if (!runtime.spend_bytes(text.size())) return {};
  if (set == nullptr) {
    if (ends != Ends::right) text = trim_start(text);
    if (ends != Ends::left) text = trim_end(text);
    return runtime.text(std::string(text));
  }
  const size_t size = 4 * (text.size() + set->bytes.size());
  if (!runtime.spend_bytes(size) || !runtime.fits(size)) return {};
  CodePoints characters = decode_utf8(set->bytes);
  std::sort(characters.begin(), characters.end());
  const auto is_in_set = [&](char32_t c) { return std::binary_search(characters.begin(), characters.end(), c); };
  const CodePoints points = decode_utf8(text);
  std::u32string_view rest = points;
  while (ends != Ends::right && !rest.empty() && is_in_set(rest.front())) rest.remove_prefix(1);
  while (ends != Ends::left && !rest.empty() && is_in_set(rest.back())) rest.remove_suffix(1);
  return runtime.text(encode_utf8(rest));
}

Value split_text(Runtime& runtime, const Value& self, const Text* separator, int64_t limit, Side from) {
  std::string_view text = self.text()->bytes;
  const size_t most = limit < 0 ? SIZE_MAX : static_cast<size_t>(limit);
  if (!runtime.spend_bytes(4 * text.size()) || !runtime.fits(4 * text.size())) return {};
  if (separator == nullptr) {
    const CodePoints points = decode_utf8(text);
    std::vector<Value> words;
    for (const auto word : from == Side::left ? split_words(points, most) : split_words_from_right(points, most)) {
      if (runtime.failed()) return {};
      words.push_back(runtime.text(encode_utf8(word)));
    }
    return runtime.list(std::move(words));
  }
  const std::string& mark = separator->bytes;
  if (mark.empty()) return runtime.fail("split wants a separator that is not empty");
  std::vector<size_t> places = places_of(mark, text);
  if (from == Side::right) {
    // Those that do not overlap when counted from the end.
    places = places_of(std::string(mark.rbegin(), mark.rend()), std::string(text.rbegin(), text.rend()));
    places.resize(std::min(places.size(), most));
    for (size_t& place : places) place = text.size() - place - mark.size();
    std::reverse(places.begin(), places.end());
  }
  places.resize(std::min(places.size(), most));
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (const size_t place : places) {
    parts.push_back(text.substr(begin, place - begin));
    begin = place + mark.size();
  }
  parts.push_back(text.substr(begin));
  return list_of(runtime, parts);
}

Value split_lines(Runtime& runtime, const Value& self, LineEnds ends) {
  const size_t bytes = 4 * self.text()->bytes.size();
  if (!runtime.spend_bytes(bytes) || !runtime.fits(bytes)) return {};
  const CodePoints points = decode_utf8(self.text()->bytes);
  std::vector<Value> lines;
  for (size_t begin = 0; begin < points.size() && !runtime.failed();) {
    size_t end = begin;
    while (end < points.size() && !is_line_end(points[end])) ++end;
    size_t next = std::min(end + 1, points.size());
    if (next < points.size() && points[end] == '\r' && points[next] == '\n') ++next;
    const size_t last = ends == LineEnds::kept ? next : end;
    lines.push_back(runtime.text(encode_utf8(std::u32string_view(points).substr(begin, last - begin))));
    begin = next;
  }
  return runtime.list(std::move(lines));
}

Value replace_text(Runtime& runtime, const Value& self, const Text& old_part, const Text& new_part, int64_t limit) {
  std::string_view text = self.text()->bytes;
  size_t left = limit < 0 ? SIZE_MAX : static_cast<size_t>(limit);
  const Finder finder(old_part.bytes);
  Writer out(runtime);
  size_t begin = 0;
  if (old_part.bytes.empty()) {  // between all characters, and at both ends
    for (; left > 0 && !runtime.failed(); --left) {
      out.write(new_part.bytes);
      if (begin == text.size()) break;
      const size_t size = code_point_size(text.substr(begin));
      out.write(text.substr(begin, size));
      begin += size;
    }
  } else {
    for (; left > 0 && !runtime.failed(); --left) {
      const size_t found = finder.find(text, begin);
      if (found == text.npos) break;
      out.write(text.substr(begin, found - begin));
      out.write(new_part.bytes);
      begin = found + old_part.bytes.size();
    }
  }
  out.write(text.substr(begin));
  return out.finish();
}

Value align_text(Runtime& runtime, const Value& self, Align align, int64_t width, std::string_view fill) {
  if (count_code_points(fill) != 1) return runtime.fail("alignment wants one character to fill with");
  if (!runtime.spend_bytes(self.text()->bytes.size())) return {};
  const size_t size = count_code_points(self.text()->bytes);
  const size_t wanted = width < 0 ? 0 : static_cast<size_t>(width);
  const size_t missing = wanted > size ? wanted - size : 0;
  if (missing > 0 && !runtime.fits(missing * fill.size())) return {};
  // Python puts the odd one to the left when the width is odd.
  const size_t center = missing / 2 + (missing & wanted & 1);
  const size_t before = align == Align::left ? 0 : align == Align::right ? missing : center;
  Writer out(runtime);
  for (size_t i = 0; i < before && !runtime.failed(); ++i) out.write(fill);
  out.write(self.text()->bytes);
  for (size_t i = before; i < missing && !runtime.failed(); ++i) out.write(fill);
  return out.finish();
}

}  // namespace cortland::text
