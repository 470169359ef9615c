#include "portable/json.h"

#include <algorithm>
#include <cmath>
#include <locale>
#include <optional>
#include <sstream>

#include "portable/utf8.h"

namespace cortland::portable {
namespace {

constexpr int kMaxDepth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Nothing for a number with a fraction or an exponent, and for one beyond 64 bits.
std::optional<int64_t> to_integer(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  uint64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c) || value > (UINT64_MAX - 9) / 10) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  if (value > static_cast<uint64_t>(INT64_MAX) || (negative && value == 0)) return std::nullopt;  // -0 is a double
  return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

// Like strtod, but an app may have set a locale whose decimal point is a comma. Infinite when out of range.
double to_double(const std::string& digits) {
  std::istringstream stream(digits);
  stream.imbue(std::locale::classic());
  double value = 0;
  stream >> value;
  return stream.fail() && std::abs(value) > 1 ? HUGE_VAL : value;
}

// In the time of a sort: a vocabulary is one object.
bool has_duplicate_key(const JsonValue::Object& members) {
  std::vector<std::string_view> keys;
  for (const JsonValue::Member& member : members) keys.push_back(member.first);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

// Recursive descent; the first problem stops it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<JsonValue> parse() {
    JsonValue value;
    if (!read_value(value, 0)) return failure();
    skip_space();
    if (at_ != text_.size()) {
      problem_ = "text behind the value";
      return failure();
    }
    return value;
  }

 private:
  Failure failure() const { return {"JSON: " + problem_ + " at byte " + std::to_string(at_)}; }
  bool stop(const char* problem) {
    problem_ = problem;
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  bool accept_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }

  bool read_value(JsonValue& out, int depth) {
    if (depth > kMaxDepth) return stop("too many levels");
    skip_space();
    switch (peek()) {
      case '{': return read_object(out, depth);
      case '[': return read_array(out, depth);
      case '"': {
        std::string text;
        if (!read_string(text)) return false;
        out = JsonValue(std::move(text));
        return true;
      }
      default: break;
    }
    if (accept_word("null")) {
      out = JsonValue();
    } else if (accept_word("true")) {
      out = JsonValue(true);
    } else if (accept_word("false")) {
      out = JsonValue(false);
    } else {
      return read_number(out);
    }
    return true;
  }

  bool read_object(JsonValue& out, int depth) {
    ++at_;
    JsonValue::Object members;
    skip_space();
    if (!accept('}')) {
      do {
        skip_space();
        JsonValue::Member member;
        if (!read_string(member.first)) return false;
        skip_space();
        if (!accept(':')) return stop("want ':'");
        if (!read_value(member.second, depth + 1)) return false;
        members.push_back(std::move(member));
        skip_space();
      } while (accept(','));
      if (!accept('}')) return stop("want ',' or '}'");
    }
    if (has_duplicate_key(members)) return stop("a key appears twice in the object that ends");
    out = JsonValue(std::move(members));
    return true;
  }

  bool read_array(JsonValue& out, int depth) {
    ++at_;
    JsonValue::Array items;
    skip_space();
    if (!accept(']')) {
      do {
        items.emplace_back();
        if (!read_value(items.back(), depth + 1)) return false;
        skip_space();
      } while (accept(','));
      if (!accept(']')) return stop("want ',' or ']'");
    }
    out = JsonValue(std::move(items));
    return true;
  }

  bool read_number(JsonValue& out) {
    const size_t begin = at_;
    accept('-');
    if (!is_digit(peek())) return stop("want a value");
    if (!accept('0')) skip_digits();
    if (accept('.')) {
      if (!is_digit(peek())) return stop("want a digit");
      skip_digits();
    }
    if (accept('e') || accept('E')) {
      if (!accept('-')) accept('+');
      if (!is_digit(peek())) return stop("want a digit");
      skip_digits();
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (const std::optional<int64_t> integer = to_integer(digits)) {
      out = JsonValue(*integer);
      return true;
    }
    const double value = to_double(std::string(digits));
    if (!std::isfinite(value)) return stop("a number out of range");
    out = JsonValue(value);
    return true;
  }
  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  bool read_string(std::string& out) {
    if (!accept('"')) return stop("want a string");
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return stop("a control character in a string");
      if (c != '\\') {
        out += c;
      } else if (!read_escape(out)) {
        return false;
      }
    }
    return stop("a string without end");
  }

  bool read_escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"': case '\\': case '/': out += c; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': return read_unicode(out);
      default: return stop("an unknown escape");
    }
  }

  bool read_unicode(std::string& out) {
    uint32_t code = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xD800 && code < 0xDC00) {
      uint32_t low = 0;
      if (!accept_word("\\u") || !read_hex(low) || low < 0xDC00 || low > 0xDFFF) return stop("half a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return stop("half a surrogate pair");
    }
    append_utf8(code, out);
    return true;
  }

  bool read_hex(uint32_t& code) {
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      const bool lower = c >= 'a' && c <= 'f', upper = c >= 'A' && c <= 'F';
      if (!is_digit(c) && !lower && !upper) return stop("want four hexadecimal digits");
      code = code * 16 + static_cast<uint32_t>(is_digit(c) ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10);
      ++at_;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string problem_;
};

}  // namespace

JsonValue::JsonValue() = default;
JsonValue::JsonValue(Storage value) : value_(std::move(value)) {}
JsonValue::JsonValue(const JsonValue& other)
    : value_(std::visit([](const auto& value) { return Storage(value); }, other.value_)) {}
JsonValue::JsonValue(JsonValue&& other) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue& other) { return *this = JsonValue(other); }
JsonValue& JsonValue::operator=(JsonValue&& other) noexcept = default;
JsonValue::~JsonValue() = default;

std::optional<double> JsonValue::number() const {
  if (const int64_t* value = integer()) return static_cast<double>(*value);
  const double* value = std::get_if<double>(&value_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

const JsonValue* JsonValue::find(std::string_view key) const {
  if (const Object* members = object()) {
    for (const auto& [name, value] : *members) {
      if (name == key) return &value;
    }
  }
  return nullptr;
}

Result<JsonValue> parse_json(std::string_view text) { return Parser(text).parse(); }

}  // namespace cortland::portable
