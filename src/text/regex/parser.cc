#include "text/regex/parser.h"

#include <optional>
#include <string>

#include "text/regex/bracket.h"
#include "text/regex/case_fold.h"
#include "text/regex/cursor.h"
#include "text/regex/escape.h"
#include "text/regex/limits.h"
#include "text/regex/property.h"

namespace cortland::text::regex {
namespace {

struct Options {
  bool ignore_case = false;     // i
  bool dot_takes_line = false;  // m
  bool is_extended = false;     // x
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Node assertion_node(Assertion assertion) { return {.kind = Node::Kind::kAssertion, .assertion = assertion}; }

Node repeat_node(Node body, uint32_t min, uint32_t max, Node::Order order) {
  Node node = node_of(Node::Kind::kRepeat, {});
  node.children.push_back(std::move(body));
  node.min = min;
  node.max = max;
  node.order = order;
  return node;
}

// Whether it takes no text and asks for nothing.
bool is_nothing(const Node& node) {
  return (node.kind == Node::Kind::kSequence && node.children.empty()) ||
         (node.kind == Node::Kind::kRepeat && node.max == 0);
}

struct Counts {
  uint32_t min, max;
};

// Recursive descent. Functions that return bool are false when the cursor has failed.
class Parser {
 public:
  explicit Parser(std::string_view pattern) : cursor_(pattern) {}

  portable::Result<Node> parse() {
    Node node;
    if (!parse_alternatives({}, 0, node)) return cursor_.failure();
    if (!cursor_.at_end()) {
      cursor_.stop(cursor_.at(), "a ')' that closes no group");
      return cursor_.failure();
    }
    return node;
  }

 private:
  // "a|b" up to the end or to a ')', which is left.
  bool parse_alternatives(Options options, int depth, Node& out) {
    if (depth > kMaxDepth) return cursor_.stop(cursor_.at(), "too many levels of groups and classes");
    std::vector<Node> alternatives;
    do {
      alternatives.emplace_back();
      if (!parse_sequence(options, depth, alternatives.back())) return false;
    } while (cursor_.accept('|'));
    out = alternatives.size() == 1 ? std::move(alternatives[0])
                                   : node_of(Node::Kind::kAlternatives, std::move(alternatives));
    return true;
  }

  bool parse_sequence(const Options& options, int depth, Node& out) {
    std::u32string letters;  // literal ones in a row, of which case does not count
    while (skip_comments(options), !cursor_.at_end() && cursor_.peek() != '|' && cursor_.peek() != ')') {
      const size_t begin = cursor_.at();
      char32_t letter = 0;
      std::optional<Node> node;
      if (!parse_item(options, depth, letter, node)) return false;
      skip_comments(options);
      const bool is_repeated = at_repeat();
      if (!node && options.ignore_case && !is_repeated) {
        letters += letter;
        continue;
      }
      flush(letters, out);
      if (!node) node = options.ignore_case ? case_insensitive({letter}) : set_node({{letter, letter}});
      if (is_repeated && !parse_repeats(begin, options, *node)) return false;
      if (!is_nothing(*node)) out.children.push_back(std::move(*node));
    }
    flush(letters, out);
    return !cursor_.failed();
  }

  static void flush(std::u32string& letters, Node& out) {
    if (!letters.empty()) out.children.push_back(case_insensitive(letters));
    letters.clear();
  }

  void skip_comments(const Options& options) {
    while (!cursor_.at_end()) {
      const size_t begin = cursor_.at();
      if (cursor_.accept("(?#")) {
        if (cursor_.rest().find(')') == std::string_view::npos) {
          cursor_.stop(begin, "a comment without ')'");
        }
        cursor_.take_until(")");
      } else if (options.is_extended && cursor_.accept('#')) {
        cursor_.take_until("\n");
      } else if (options.is_extended && is_space(cursor_.peek())) {
        cursor_.next();
      } else {
        return;
      }
    }
  }

  // Whatever may be repeated: a literal letter or a node.
  bool parse_item(const Options& options, int depth, char32_t& letter, std::optional<Node>& node) {
    const size_t begin = cursor_.at();
    switch (cursor_.peek()) {
      case '(':
        cursor_.next();
        return parse_group(begin, options, depth, node.emplace());
      case '[': {
        cursor_.next();
        Bracket bracket;
        if (!parse_bracket(cursor_, {options.ignore_case, depth + 1}, bracket)) return false;
        node = bracket_node(std::move(bracket), options);
        return true;
      }
      case '\\':
        cursor_.next();
        return parse_escape(begin, letter, node);
      case '.':
        cursor_.next();
        node = options.dot_takes_line ? any_node() : any_but_newline_node();
        return true;
      case '^':
        cursor_.next();
        node = assertion_node(Assertion::kLineBegin);
        return true;
      case '$':
        cursor_.next();
        node = assertion_node(Assertion::kLineEnd);
        return true;
      case '*': case '+': case '?':
        return cursor_.stop(begin, "a repeat of nothing");
      case '{':
        if (parse_counts()) return cursor_.stop(begin, "a repeat of nothing");
        [[fallthrough]];
      default:
        letter = cursor_.next();
        return !cursor_.failed();
    }
  }

  static Node any_node() { return set_node({{0, kMaxCodePoint}}); }
  static Node any_but_newline_node() { return set_node(CodePointSet{{'\n', '\n'}}.complement()); }

  static Node bracket_node(Bracket bracket, const Options& options) {
    if (options.ignore_case && !bracket.is_negative) return case_insensitive(std::move(bracket.set));
    if (options.ignore_case) add_case_variants(bracket.set);
    return set_node(bracket.is_negative ? bracket.set.complement() : std::move(bracket.set));
  }

  bool parse_escape(size_t begin, char32_t& letter, std::optional<Node>& node) {
    const char name = cursor_.peek();
    if (std::optional<CodePointSet> set = parse_class_escape(cursor_)) {
      if (name == 'w') set = bare_word_set();
      if (name == 'W') set = bare_word_set().complement();
      node = set_node(std::move(*set));
      return true;
    }
    if (cursor_.failed()) return false;
    switch (name) {
      case 'A': node = assertion_node(Assertion::kTextBegin); break;
      case 'z': node = assertion_node(Assertion::kTextEnd); break;
      case 'Z': node = assertion_node(Assertion::kTextEndBeforeNewline); break;
      case 'b': node = assertion_node(Assertion::kWordBoundary); break;
      case 'B': node = assertion_node(Assertion::kNoWordBoundary); break;
      case 'N': node = any_but_newline_node(); break;
      case 'O': node = any_node(); break;
      case 'R': node = line_break_node(); break;
      case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9': case 'k':
        return cursor_.stop(begin, "back-references are not supported");
      case 'g': case 'G': case 'K': case 'X': case 'y': case 'Y':
        return cursor_.stop(begin, std::string("\\") + name + " is not supported");
      default: return parse_character_escape(cursor_, letter);
    }
    cursor_.next();
    return true;
  }

  // \R: "\r\n" or one line break, and no other way once that is taken.
  static Node line_break_node() {
    Node pair;
    pair.children = {set_node({{'\r', '\r'}}), set_node({{'\n', '\n'}})};
    Node either = node_of(Node::Kind::kAlternatives, {});
    either.children = {std::move(pair), set_node({{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}})};
    Node atomic = node_of(Node::Kind::kAtomic, {});
    atomic.children.push_back(std::move(either));
    return atomic;
  }

  // The cursor stands behind the '('.
  bool parse_group(size_t begin, Options options, int depth, Node& out) {
    std::optional<Node::Kind> around;
    bool is_negative = false;
    if (cursor_.accept("?=")) {
      around = Node::Kind::kLookAhead;
    } else if (cursor_.accept("?!")) {
      around = Node::Kind::kLookAhead;
      is_negative = true;
    } else if (cursor_.accept("?<=")) {
      around = Node::Kind::kLookBehind;
    } else if (cursor_.accept("?<!")) {
      around = Node::Kind::kLookBehind;
      is_negative = true;
    } else if (cursor_.accept("?>")) {
      around = Node::Kind::kAtomic;
    } else if (cursor_.accept("?<")) {
      if (cursor_.take_until(">").empty()) return cursor_.stop(begin, "a group without a name");
    } else if (cursor_.accept("?'")) {
      if (cursor_.take_until("'").empty()) return cursor_.stop(begin, "a group without a name");
    } else if (!cursor_.accept("?:") && cursor_.accept('?')) {
      if (!parse_flags(begin, options)) return false;
      // "a(?i)b|c" means "a(?i:b|c)": the rest of the group around belongs to it.
      if (cursor_.accept(')')) return parse_alternatives(options, depth + 1, out);
      cursor_.next();
    }
    Node body;
    if (!parse_alternatives(options, depth + 1, body)) return false;
    if (!cursor_.accept(')')) return cursor_.stop(begin, "a group without ')'");
    if (body.kind == Node::Kind::kSequence && body.children.size() == 1) body = Node(std::move(body.children[0]));
    if (around) {
      out = node_of(*around, {});
      out.children.push_back(std::move(body));
      out.is_negative = is_negative;
    } else {
      out = std::move(body);
    }
    return true;
  }

  // "im-x" up to ':' or ')', which is left.
  bool parse_flags(size_t begin, Options& options) {
    bool value = true;
    for (; cursor_.peek() != ':' && cursor_.peek() != ')'; cursor_.next()) {
      switch (cursor_.peek()) {
        case '-': value = false; break;
        case 'i': options.ignore_case = value; break;
        case 'm': options.dot_takes_line = value; break;
        case 'x': options.is_extended = value; break;
        default: return cursor_.stop(begin, "an unknown kind of group; want one of (?: (?= (?! (?<= (?<! (?> (?imx");
      }
    }
    return true;
  }

  bool at_repeat() {
    const char c = cursor_.peek();
    if (c == '*' || c == '+' || c == '?') return true;
    const size_t begin = cursor_.at();
    const bool is_counted = c == '{' && parse_counts();
    cursor_.rewind(begin);
    return is_counted;
  }

  // One repeat after another: "{1,3}+" repeats the repeat.
  bool parse_repeats(size_t begin, const Options& options, Node& node) {
    if (node.kind == Node::Kind::kAssertion || node.kind == Node::Kind::kLookAhead ||
        node.kind == Node::Kind::kLookBehind) {
      return cursor_.stop(begin, "a repeat of what takes no text");
    }
    for (int count = 0; at_repeat(); ++count) {
      if (count == kMaxRepeatsInARow) return cursor_.stop(begin, "too many repeats of one item");
      const char sign = cursor_.peek();
      if (sign == '{') {
        const Counts counts = *parse_counts();
        if (counts.min > counts.max) return cursor_.stop(begin, "a repeat {n,m}; want n <= m");
        if (counts.min > kMaxRepeat || (counts.max > kMaxRepeat && counts.max != Node::kUnlimited)) {
          return cursor_.stop(begin, "a repeat of more than " + std::to_string(kMaxRepeat));
        }
        const bool is_optional = cursor_.accept('?');
        // "{n}?" has no lazy meaning: it is n times or not at all.
        const bool is_exact = is_optional && counts.min == counts.max;
        const Node::Order order = is_optional && !is_exact ? Node::Order::kLazy : Node::Order::kGreedy;
        node = repeat_node(std::move(node), counts.min, counts.max, order);
        if (is_exact) node = repeat_node(std::move(node), 0, 1, Node::Order::kGreedy);
      } else {
        cursor_.next();
        const Node::Order order = cursor_.accept('?')   ? Node::Order::kLazy
                                  : cursor_.accept('+') ? Node::Order::kPossessive
                                                        : Node::Order::kGreedy;
        node = repeat_node(std::move(node), sign == '+' ? 1 : 0, sign == '?' ? 1 : Node::kUnlimited, order);
      }
      skip_comments(options);
    }
    return !cursor_.failed();
  }

  // {n} {n,} {,m} {n,m}. Nothing, and the cursor where it was, for other text: the brace is a character then.
  std::optional<Counts> parse_counts() {
    const size_t begin = cursor_.at();
    cursor_.accept('{');
    const std::optional<uint32_t> min = parse_number();
    std::optional<uint32_t> max = min;
    const bool has_comma = cursor_.accept(',');
    if (has_comma) max = parse_number();
    if ((!min && !max) || !cursor_.accept('}')) {
      cursor_.rewind(begin);
      return std::nullopt;
    }
    return Counts{min.value_or(0), max.value_or(Node::kUnlimited)};
  }

  std::optional<uint32_t> parse_number() {
    if (cursor_.peek() < '0' || cursor_.peek() > '9') return std::nullopt;
    uint32_t number = 0;
    while (cursor_.peek() >= '0' && cursor_.peek() <= '9') {
      if (number <= kMaxRepeat) number = number * 10 + static_cast<uint32_t>(cursor_.peek() - '0');
      cursor_.next();
    }
    return number;
  }

  Cursor cursor_;
};

}  // namespace

portable::Result<Node> parse_regex(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return portable::Failure{"regular expression: too long; got " + std::to_string(pattern.size()) +
                             " bytes, want at most " + std::to_string(kMaxPatternBytes)};
  }
  if (!is_valid_utf8(pattern)) return portable::Failure{"regular expression: no UTF-8"};
  return Parser(pattern).parse();
}

}  // namespace cortland::text::regex
