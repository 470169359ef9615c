#include "text/regex/escape.h"

#include <string>

#include "text/regex/property.h"

namespace cortland::text::regex {
namespace {

constexpr uint32_t kNoDigit = 99;

uint32_t digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A') + 10;
  return kNoDigit;
}

// Up to `longest` digits; how many there are. A value beyond Unicode stays beyond it.
uint32_t parse_digits(Cursor& cursor, uint32_t base, uint32_t longest, char32_t& code) {
  uint32_t count = 0;
  for (code = 0; count < longest && digit_of(cursor.peek()) < base; ++count) {
    if (code <= kMaxCodePoint) code = code * base + digit_of(cursor.peek());
    cursor.next();
  }
  return count;
}

bool parse_braced(Cursor& cursor, size_t begin, uint32_t base, char32_t& code) {
  if (parse_digits(cursor, base, 11, code) == 0 || !cursor.accept('}') || code > kMaxCodePoint) {
    return cursor.stop(begin, "a code point; want digits up to 10FFFF in braces");
  }
  return true;
}

bool parse_hex(Cursor& cursor, size_t begin, char32_t& code) {
  if (cursor.accept('{')) return parse_braced(cursor, begin, 16, code);
  if (parse_digits(cursor, 16, 2, code) == 0) return cursor.stop(begin, "\\x; want a hexadecimal digit");
  if (code > 0x7F) return cursor.stop(begin, "\\x with a byte that is no whole character; want \\x{...}");
  return true;
}

std::optional<CodePointSet> parse_property(Cursor& cursor, size_t begin) {
  const bool is_negative = cursor.accept('^');
  const std::string name(cursor.take_until("}"));
  std::optional<CodePointSet> set = find_property(name);
  if (!set) cursor.stop(begin, "\\p; got {" + name + "}, want a general category, a script or a POSIX name");
  return set && is_negative ? set->complement() : set;
}

}  // namespace

std::optional<CodePointSet> parse_class_escape(Cursor& cursor) {
  const size_t begin = cursor.at();
  const char letter = cursor.peek();
  if (cursor.accept("p{") || cursor.accept("P{")) {
    std::optional<CodePointSet> set = parse_property(cursor, begin);
    return set && letter == 'P' ? set->complement() : set;
  }
  std::optional<CodePointSet> set;
  switch (letter) {
    case 'd': case 'D': set = digit_set(); break;
    case 'h': case 'H': set = hex_digit_set(); break;
    case 's': case 'S': set = white_space_set(); break;
    case 'w': case 'W': set = word_set(); break;
    default: return std::nullopt;
  }
  cursor.next();
  return letter < 'a' ? set->complement() : set;
}

bool parse_character_escape(Cursor& cursor, char32_t& code) {
  const size_t begin = cursor.at();
  if (cursor.at_end()) return cursor.stop(begin, "a backslash at the end of the pattern");
  const char letter = cursor.peek();
  if (letter >= '0' && letter <= '7') {
    parse_digits(cursor, 8, 3, code);
    return code <= 0x7F || cursor.stop(begin, "an octal byte that is no whole character; want \\x{...}");
  }
  code = cursor.next();
  switch (letter) {
    case 'a': code = 0x07; return true;
    case 'e': code = 0x1B; return true;
    case 'f': code = '\f'; return true;
    case 'n': code = '\n'; return true;
    case 'r': code = '\r'; return true;
    case 't': code = '\t'; return true;
    case 'v': code = '\v'; return true;
    case 'x': return parse_hex(cursor, begin, code);
    case 'u': return parse_digits(cursor, 16, 4, code) == 4 || cursor.stop(begin, "\\u; want four hexadecimal digits");
    case 'o':
      if (cursor.accept('{')) return parse_braced(cursor, begin, 8, code);
      return true;
    case 'c': case 'C': case 'M': return cursor.stop(begin, "control and meta characters are not supported");
    case 'p': case 'P': return cursor.stop(begin, "\\p; want a name in braces");
    default: return true;
  }
}

}  // namespace cortland::text::regex
