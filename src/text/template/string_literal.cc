#include "text/template/string_literal.h"

#include "text/template/code_points.h"

namespace cortland::text {
namespace {

// Takes `digits` of the base off the front; fewer only for an octal escape.
std::optional<char32_t> take_number(std::string_view& text, size_t least, size_t most, int base) {
  char32_t value = 0;
  size_t count = 0;
  for (; count < most && count < text.size(); ++count) {
    const char c = text[count];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 99;
    if (digit >= base) break;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
  }
  if (count < least || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

}  // namespace

std::optional<std::string> read_string_literal(std::string_view quoted) {
  constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
  std::string out;
  while (!quoted.empty()) {
    const char c = quoted[0];
    quoted.remove_prefix(1);
    if (c != '\\' || quoted.empty()) {
      out += c;
      continue;
    }
    const char letter = quoted[0];
    std::optional<char32_t> number;
    if (letter >= '0' && letter <= '7') {
      number = take_number(quoted, 1, 3, 8);
    } else {
      quoted.remove_prefix(1);
      if (letter == '\n') continue;
      if (const size_t known = kLetters.find(letter); known != kLetters.npos) {
        out += kMeanings[known];
        continue;
      }
      const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
      if (digits == 0 && letter != 'N') {
        out += '\\';
        out += letter;
        continue;
      }
      if (digits > 0) number = take_number(quoted, digits, digits, 16);
    }
    if (!number) return std::nullopt;
    append_code_point(*number, out);
  }
  return out;
}

}  // namespace cortland::text
