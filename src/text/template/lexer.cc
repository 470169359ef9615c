#include "text/template/lexer.h"

#include <algorithm>

#include "text/template/code_points.h"
#include "text/template/string_literal.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// One kind of line end, and not one at the very end.
std::string normalize(std::string_view source) {
  std::string out;
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n') continue;
    out += source[i] == '\r' ? '\n' : source[i];
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  bool read() {
    while (at_ < source_.size()) {
      if (!read_data()) return false;
    }
    add(Token::Kind::end, "");
    return true;
  }
  std::vector<Token> take() { return std::move(tokens_); }
  Failure failure() const { return {"chat template: line " + std::to_string(line_) + ": " + problem_}; }

 private:
  bool stop(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  std::string_view rest() const { return source_.substr(at_); }
  char peek(size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  void add(Token::Kind kind, std::string_view text) { tokens_.push_back({kind, line_, std::string(text)}); }
  void advance(size_t size) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         source_.begin() + static_cast<std::ptrdiff_t>(at_ + size), '\n'));
    at_ += size;
  }
  void skip_spaces() { advance(rest().size() - trim_start(rest()).size()); }

  // Text up to the next tag, and the tag.
  bool read_data() {
    size_t begin = source_.find('{', at_);
    while (begin != source_.npos && std::string_view("%{#").find(peek_at(begin + 1)) == std::string_view::npos) {
      begin = source_.find('{', begin + 1);
    }
    const std::string_view data = source_.substr(at_, begin == source_.npos ? begin : begin - at_);
    if (begin == source_.npos) {
      add_data(data);
      at_ = source_.size();
      return true;
    }
    const char kind = peek_at(begin + 1), sign = peek_at(begin + 2);
    const bool has_sign = sign == '-' || sign == '+';
    add_data(strip(data, has_sign ? sign : ' ', kind));
    advance(data.size() + (has_sign ? 3 : 2));
    if (kind == '#') return read_comment();
    if (kind == '{') {
      add(Token::Kind::variable_begin, "");
      return read_tag(Token::Kind::variable_end);
    }
    if (const size_t raw = raw_size(at_, "raw"); raw > 0) return read_raw(raw);
    add(Token::Kind::block_begin, "");
    return read_tag(Token::Kind::block_end);
  }

  char peek_at(size_t place) const { return place < source_.size() ? source_[place] : '\0'; }

  void add_data(std::string_view data) {
    if (!data.empty()) add(Token::Kind::data, data);
  }

  // The data before a tag, without the spaces that it takes away.
  std::string_view strip(std::string_view data, char sign, char tag) const {
    if (sign == '-') return trim_end(data);
    if (sign == '+' || tag == '{') return data;
    const size_t line_end = data.rfind('\n');
    const size_t line = line_end == data.npos ? 0 : line_end + 1;
    const bool is_line = line > 0 || at_ == 0 || source_[at_ - 1] == '\n';
    return is_line && trim_start(data.substr(line)).empty() ? data.substr(0, line) : data;
  }

  // Behind the end of a block or comment: what its sign and trim_blocks take away.
  void finish_tag(char sign) {
    if (sign == '-') {
      skip_spaces();
    } else if (sign != '+' && peek() == '\n') {
      advance(1);
    }
  }

  bool read_comment() {
    const size_t end = source_.find("#}", at_);
    if (end == source_.npos) return stop("a comment without end");
    const char sign = end > at_ ? source_[end - 1] : ' ';
    advance(end + 2 - at_);
    finish_tag(sign);
    return true;
  }

  // The size of `raw %}` or `endraw %}` at a place, with the spaces around; 0 when it is another tag.
  size_t raw_size(size_t place, std::string_view word) const {
    std::string_view text = trim_start(source_.substr(place));
    if (!text.starts_with(word)) return 0;
    text = trim_start(text.substr(word.size()));
    const bool has_sign = text.starts_with('-') || (word == "endraw" && text.starts_with('+'));
    if (!text.substr(has_sign ? 1 : 0).starts_with("%}")) return 0;
    return source_.size() - place - text.size() + (has_sign ? 3 : 2);
  }

  bool read_raw(size_t size) {
    advance(size);
    if (source_[at_ - 3] == '-') skip_spaces();
    const size_t content = at_;
    for (size_t begin = source_.find("{%", at_); begin != source_.npos; begin = source_.find("{%", begin + 1)) {
      const char sign = peek_at(begin + 2);
      const bool has_sign = sign == '-' || sign == '+';
      const size_t inside = begin + (has_sign ? 3 : 2);
      const size_t end = raw_size(inside, "endraw");
      if (end == 0) continue;
      const std::string_view data = source_.substr(content, begin - content);
      add_data(strip(data, has_sign ? sign : ' ', '%'));
      advance(inside + end - at_);
      finish_tag(source_[at_ - 3]);
      return true;
    }
    return stop("a raw block without end");
  }

  // Up to its end, which does not count inside brackets.
  bool read_tag(Token::Kind end) {
    std::string open;
    const std::string_view mark = end == Token::Kind::variable_end ? "}}" : "%}";
    while (true) {
      skip_spaces();
      if (at_ >= source_.size()) return stop("a tag without end; want '" + std::string(mark) + "'");
      const bool is_plus = peek() == '+' && end == Token::Kind::block_end;
      const bool has_sign = (peek() == '-' || is_plus) && rest().substr(1).starts_with(mark);
      if (open.empty() && (has_sign || rest().starts_with(mark))) {
        const char sign = has_sign ? peek() : ' ';
        add(end, "");
        advance(mark.size() + (has_sign ? 1 : 0));
        if (end == Token::Kind::block_end || sign == '-') finish_tag(sign);
        return true;
      }
      if (!read_word(open)) return false;
    }
  }

  bool read_word(std::string& open) {
    if (is_digit(peek())) return read_number();
    if (is_letter(peek())) {
      size_t size = 1;
      while (is_letter(peek(size)) || is_digit(peek(size))) ++size;
      add(Token::Kind::name, rest().substr(0, size));
      advance(size);
      return true;
    }
    if (peek() == '\'' || peek() == '"') return read_string();
    return read_sign(open);
  }

  // How many characters from `ahead` on are digits of this base, with single underscores between (or, for a prefix,
  // before) them.
  size_t digits_at(size_t ahead, int base, bool (*accepts)(char, int)) const {
    size_t size = 0;
    while (true) {
      const size_t skip = peek(ahead + size) == '_' ? 1 : 0;
      if (skip > 0 && size == 0 && base == 10) return size;
      if (!accepts(peek(ahead + size + skip), base)) return size;
      size += skip + 1;
    }
  }

  static bool is_digit_of(char c, int base) {
    if (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return true;
    return is_digit(c) && c - '0' < base;
  }
  static bool is_zero(char c, int) { return c == '0'; }

  bool read_number() {
    const bool is_behind_dot = at_ > 0 && source_[at_ - 1] == '.';
    const size_t whole = digits_at(0, 10, is_digit_of);
    size_t size = whole;
    if (!is_behind_dot) {
      if (peek(size) == '.') {
        const size_t fraction = digits_at(size + 1, 10, is_digit_of);
        if (fraction > 0) size += 1 + fraction;
      }
      if (peek(size) == 'e' || peek(size) == 'E') {
        const size_t sign = peek(size + 1) == '-' || peek(size + 1) == '+' ? 1 : 0;
        const size_t exponent = digits_at(size + 1 + sign, 10, is_digit_of);
        if (exponent > 0) size += 1 + sign + exponent;
      }
    }
    if (size > whole) return add_number(Token::Kind::floating, size);
    if (peek() == '0') {
      const char letter = peek(1);
      const int base = letter == 'x' || letter == 'X' ? 16 : letter == 'o' || letter == 'O' ? 8 :
                       letter == 'b' || letter == 'B' ? 2 : 0;
      const size_t digits = base == 0 ? 0 : digits_at(2, base, is_digit_of);
      if (digits > 0) return add_number(Token::Kind::integer, 2 + digits);
      return add_number(Token::Kind::integer, digits_at(0, 10, is_zero));
    }
    return add_number(Token::Kind::integer, whole);
  }

  bool add_number(Token::Kind kind, size_t size) {
    add(kind, rest().substr(0, size));
    advance(size);
    return true;
  }

  bool read_string() {
    const char mark = peek();
    size_t size = 1;
    while (at_ + size < source_.size() && peek(size) != mark) size += peek(size) == '\\' ? 2 : 1;
    if (at_ + size >= source_.size()) return stop("a string without end");
    const std::optional<std::string> text = read_string_literal(rest().substr(1, size - 1));
    if (!text) return stop("an escape in a string that names no character");
    add(Token::Kind::string, *text);
    advance(size + 1);
    return true;
  }

  bool read_sign(std::string& open) {
    constexpr std::string_view kSigns[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]",
                                           "(",  ")",  "{",  "}",  ">",  "<",  "=", ".", ":", "|", ",", ";"};
    const auto sign = std::find_if(std::begin(kSigns), std::end(kSigns),
                                   [&](std::string_view one) { return rest().starts_with(one); });
    if (sign == std::end(kSigns)) {
      const std::string_view character = rest().substr(0, code_point_size(rest()));
      return stop("a character that means nothing here; got '" + std::string(character) + "'");
    }
    const char c = (*sign)[0];
    if (c == '(' || c == '[' || c == '{') open += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (c == ')' || c == ']' || c == '}') {
      if (!open.ends_with(c)) {
        return stop("brackets that do not match; got '" + std::string(1, c) + "'" +
                    (open.empty() ? "" : ", want '" + std::string(1, open.back()) + "'"));
      }
      open.pop_back();
    }
    add(Token::Kind::sign, *sign);
    advance(sign->size());
    return true;
  }

  std::string_view source_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
  std::string problem_;
};

}  // namespace

Result<std::vector<Token>> read_tokens(std::string_view source) {
  const std::string text = normalize(source);
  Lexer lexer(text);
  if (!lexer.read()) return lexer.failure();
  return lexer.take();
}

}  // namespace cortland::text
