#include "text/template/letters.h"

#include <algorithm>

#include "text/unicode.h"

namespace cortland::text {
namespace {

constexpr char32_t kSigma = 0x3A3, kFinalSigma = 0x3C2;

// A capital sigma is another letter at the end of a word.
void append_lower_at(const CodePoints& text, size_t at, CodePoints& out) {
  const bool is_last = at + 1 == text.size() || !is_cased(text[at + 1]);
  if (text[at] == kSigma && is_last && at > 0 && is_cased(text[at - 1])) {
    out += kFinalSigma;
  } else {
    append_lower(text[at], out);
  }
}

using Append = void (*)(char32_t, CodePoints&);

bool is_changed_by(Append append, char32_t letter) {
  CodePoints changed;
  append(letter, changed);
  return changed != CodePoints(1, letter);
}

bool has_upper(char32_t letter) { return is_changed_by(append_upper, letter); }
bool has_lower(char32_t letter) { return is_changed_by(append_lower, letter); }

}  // namespace

std::string to_upper(std::string_view text) {
  CodePoints out;
  for (const char32_t letter : decode_utf8(text)) append_upper(letter, out);
  return encode_utf8(out);
}

std::string str_lower(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  CodePoints out;
  for (size_t i = 0; i < points.size(); ++i) append_lower_at(points, i, out);
  return encode_utf8(out);
}

std::string to_title(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  CodePoints out;
  bool is_in_word = false;
  for (size_t i = 0; i < points.size(); ++i) {
    if (is_in_word) {
      append_lower_at(points, i, out);
    } else {
      append_title(points[i], out);
    }
    is_in_word = is_cased(points[i]);
  }
  return encode_utf8(out);
}

std::string capitalize(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  CodePoints out;
  for (size_t i = 0; i < points.size(); ++i) {
    if (i == 0) {
      append_title(points[i], out);
    } else {
      append_lower_at(points, i, out);
    }
  }
  return encode_utf8(out);
}

bool is_upper(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  return std::none_of(points.begin(), points.end(), has_upper) && std::any_of(points.begin(), points.end(), has_lower);
}

bool is_lower(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  return std::none_of(points.begin(), points.end(), has_lower) && std::any_of(points.begin(), points.end(), has_upper);
}

bool is_cased(char32_t point) { return has_upper(point) || has_lower(point); }

bool is_printable(char32_t point) { return point == ' ' || category(point) < Category::kZs; }

}  // namespace cortland::text
