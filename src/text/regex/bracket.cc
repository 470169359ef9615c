#include "text/regex/bracket.h"

#include <optional>
#include <string>

#include "text/regex/case_fold.h"
#include "text/regex/escape.h"
#include "text/regex/limits.h"
#include "text/regex/property.h"

namespace cortland::text::regex {
namespace {

// [:alpha:] or [:^alpha:]. Nothing when the text is none, so that the '[' begins a class.
std::optional<CodePointSet> parse_posix(Cursor& cursor) {
  const size_t begin = cursor.at();
  if (!cursor.accept("[:")) return std::nullopt;
  const bool is_negative = cursor.accept('^');
  size_t length = 0;
  while (cursor.peek(length) >= 'a' && cursor.peek(length) <= 'z') ++length;
  if (cursor.peek(length) != ':' || cursor.peek(length + 1) != ']') {
    cursor.rewind(begin);
    return std::nullopt;
  }
  const std::string name(cursor.take_until(":]"));
  const std::optional<CodePointSet> set = find_posix_bracket(name);
  if (!set) cursor.stop(begin, "a POSIX class; got [:" + name + ":], want alpha, digit, punct or the like");
  return set && is_negative ? set->complement() : set;
}

// A member that is a set of its own. Nothing when a single code point follows, or when the cursor has failed.
std::optional<CodePointSet> parse_set(Cursor& cursor, const BracketOptions& options) {
  if (cursor.peek() == '[') {
    if (std::optional<CodePointSet> set = parse_posix(cursor)) return set;
    if (cursor.failed()) return std::nullopt;
    cursor.next();
    Bracket inner;
    if (!parse_bracket(cursor, {options.ignore_case, options.depth + 1}, inner)) return std::nullopt;
    if (options.ignore_case) add_case_variants(inner.set);
    return inner.is_negative ? inner.set.complement() : inner.set;
  }
  if (cursor.peek() != '\\') return std::nullopt;
  const size_t begin = cursor.at();
  cursor.next();
  std::optional<CodePointSet> set = parse_class_escape(cursor);
  if (!set && !cursor.failed()) cursor.rewind(begin);
  return set;
}

bool parse_code(Cursor& cursor, char32_t& code) {
  if (cursor.at_end()) return cursor.stop(cursor.at(), "a class without ']'");
  if (cursor.accept("\\b")) {
    code = '\b';
    return true;
  }
  if (cursor.accept('\\')) return parse_character_escape(cursor, code);
  code = cursor.next();
  return true;
}

// A code point or a range.
bool parse_range(Cursor& cursor, CodePointSet& set) {
  const size_t begin = cursor.at();
  char32_t first = 0, last = 0;
  if (!parse_code(cursor, first)) return false;
  last = first;
  if (cursor.peek() == '-' && cursor.peek(1) != ']' && cursor.peek(1) != '\0') {
    cursor.next();
    if (cursor.peek() == '[') return cursor.stop(begin, "a range; got a class as its end, want a character");
    if (cursor.peek() == '\\') {
      cursor.next();
      if (parse_class_escape(cursor)) return cursor.stop(begin, "a range; got a class as its end, want a character");
      if (cursor.failed() || !parse_character_escape(cursor, last)) return false;
    } else if (!parse_code(cursor, last)) {
      return false;
    }
    if (last < first) return cursor.stop(begin, "a range whose end comes before its beginning");
  }
  set.add(first, last);
  return true;
}

// "a-z[0-9]\\d" up to "&&" or ']'.
bool parse_union(Cursor& cursor, const BracketOptions& options, CodePointSet& set) {
  while (!cursor.rest().starts_with("&&") && cursor.peek() != ']') {
    const std::optional<CodePointSet> member = parse_set(cursor, options);
    if (cursor.failed()) return false;
    if (member) {
      set.add(*member);
    } else if (!parse_range(cursor, set)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool parse_bracket(Cursor& cursor, const BracketOptions& options, Bracket& bracket) {
  const size_t begin = cursor.at() - 1;
  if (options.depth > kMaxDepth) return cursor.stop(begin, "too many levels of groups and classes");
  bracket.is_negative = cursor.accept('^');
  if (cursor.peek() == ']') {
    if (cursor.rest().find(']', 1) == std::string_view::npos) return cursor.stop(begin, "an empty class");
    cursor.next();
    bracket.set.add(']');
  }
  if (!parse_union(cursor, options, bracket.set)) return false;
  while (cursor.accept("&&")) {
    CodePointSet operand;
    if (!parse_union(cursor, options, operand)) return false;
    bracket.set = bracket.set.intersection(operand);
  }
  return cursor.accept(']') || cursor.stop(begin, "a class without ']'");
}

}  // namespace cortland::text::regex
