#include "text/template/percent_format.h"

#include <cmath>

#include "text/template/code_points.h"
#include "text/template/dict.h"
#include "text/template/number.h"
#include "text/template/print.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

constexpr int64_t kMaxWidth = 10'000;
constexpr int kMaxDigits = 300;

// %[(name)][flags][width][.precision]conversion
struct Field {
  bool is_left = false, has_sign = false, has_space = false, is_zero_filled = false, is_alternative = false;
  int64_t width = 0;
  std::optional<int64_t> precision;
  char conversion = 's';
};

std::string print_radix(uint64_t value, unsigned radix) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value % radix]);
    value /= radix;
  } while (value > 0);
  return digits;
}

// %g: `digits` significant ones, without zeros at the end.
std::string print_general(double value, int digits) {
  digits = digits == 0 ? 1 : digits;
  std::string text = print_scientific(value, digits - 1);
  if (!std::isfinite(value)) return text;
  const size_t mark = text.find('e');
  const int exponent = static_cast<int>(*parse_integer(text.substr(mark + 1), 10));
  std::string tail = text.substr(mark);
  text = text.substr(0, mark);
  if (exponent >= -4 && exponent < digits) {
    text = print_fixed(value, digits - 1 - exponent);
    tail.clear();
  }
  if (text.find('.') != text.npos) text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + tail;
}

class Formatter {
 public:
  Formatter(Runtime& runtime, std::string_view format, const Value& values)
      : runtime_(runtime), rest_(format), values_(values), out_(runtime) {
    const Sequence* sequence = values.sequence();
    tuple_ = sequence && sequence->kind == Sequence::Kind::tuple ? sequence : nullptr;
  }

  Value format() {
    while (!rest_.empty() && !runtime_.failed()) {
      const size_t mark = std::min(rest_.find('%'), rest_.size());
      out_.write(rest_.substr(0, mark));
      rest_.remove_prefix(mark);
      if (!rest_.empty()) format_field();
    }
    // What could have been looked into by name need not be used.
    const bool is_plain = values_.text() || values_.is_number() || values_.is_none();
    const bool is_used_up = tuple_ ? used_ == tuple_->elements.size() : used_ > 0 || !is_plain;
    if (!is_used_up) runtime_.fail("% has values left over");
    return out_.finish();
  }

 private:
  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Value next_value() {
    const size_t count = tuple_ ? tuple_->elements.size() : 1;
    if (used_ >= count) return runtime_.fail("% has too few values; got " + std::to_string(count));
    return tuple_ ? tuple_->elements[used_++] : (++used_, values_);
  }

  int64_t read_number() {
    int64_t number = 0;
    if (accept('*')) {
      const Value value = next_value();
      int64_t storage = 0;
      const int64_t* given = as_integer(value, storage);
      number = given ? *given : -1;
    }
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9' && number <= kMaxWidth) {
      number = number * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    if (number < 0 || number > kMaxWidth) {
      runtime_.fail("% wants a width of 0 to " + std::to_string(kMaxWidth) + "; got " + std::to_string(number));
      return 0;
    }
    return number;
  }

  void format_field() {
    rest_.remove_prefix(1);
    if (accept('%')) return out_.write("%");
    std::optional<Value> named;
    if (accept('(')) {
      const size_t end = rest_.find(')');
      const Value* value = values_.dict() && end != rest_.npos ? values_.dict()->find(rest_.substr(0, end)) : nullptr;
      if (value == nullptr) {
        const std::string_view name = rest_.substr(0, std::min(end, size_t{40}));
        runtime_.fail("% finds no value of that name; got '" + std::string(name) + "'");
        return;
      }
      named = *value;
      rest_.remove_prefix(end + 1);
    }
    Field field;
    for (bool is_flag = true; is_flag && !rest_.empty();) {
      const char c = rest_[0];
      is_flag = std::string_view("-+ 0#").find(c) != std::string_view::npos;
      field.is_left |= c == '-';
      field.has_sign |= c == '+';
      field.has_space |= c == ' ';
      field.is_zero_filled |= c == '0';
      field.is_alternative |= c == '#';
      if (is_flag) rest_.remove_prefix(1);
    }
    field.width = read_number();
    if (accept('.')) field.precision = read_number();
    if (rest_.empty()) {
      runtime_.fail("% at the end of a format");
      return;
    }
    field.conversion = rest_[0];
    rest_.remove_prefix(1);
    const Value value = named ? *named : next_value();
    if (!runtime_.failed()) write_field(field, value);
  }

  void write_field(const Field& field, const Value& value) {
    switch (field.conversion) {
      case 's':
      case 'r':
      case 'a': return write_text(field, value);
      case 'c': return write_character(field, value);
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o': return write_integer(field, value);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G': return write_float(field, value);
      default: runtime_.fail("% does not know this conversion; got '" + std::string(1, field.conversion) + "'");
    }
  }

  void write_text(const Field& field, const Value& value) {
    Writer text(runtime_);
    if (field.conversion == 's') {
      print(runtime_, value, text);
    } else {
      print_repr(runtime_, value, text);
    }
    std::string bytes = text.take();
    if (!runtime_.spend_bytes(4 * bytes.size()) || !runtime_.fits(8 * bytes.size())) return;
    if (field.precision) bytes = encode_utf8(decode_utf8(bytes).substr(0, static_cast<size_t>(*field.precision)));
    pad(field, "", bytes);
  }

  void write_character(const Field& field, const Value& value) {
    int64_t storage = 0;
    const int64_t* number = as_integer(value, storage);
    if (number && *number >= 0 && *number < 0x110000 && (*number < 0xD800 || *number > 0xDFFF)) {
      return pad(field, "", encode_utf8(std::u32string(1, static_cast<char32_t>(*number))));
    }
    if (value.text() && count_code_points(value.text()->bytes) == 1) return pad(field, "", value.text()->bytes);
    runtime_.fail("%c wants one character; got " + describe(value));
  }

  std::string sign_of(const Field& field, bool is_negative) const {
    return is_negative ? "-" : field.has_sign ? "+" : field.has_space ? " " : "";
  }

  void write_integer(const Field& field, const Value& value) {
    int64_t storage = 0;
    const int64_t* given = as_integer(value, storage);
    const double* number = value.get<double>();
    const bool is_decimal = std::string_view("diu").find(field.conversion) != std::string_view::npos;
    if (number && is_decimal && std::abs(*number) < 9e18) {
      storage = static_cast<int64_t>(*number);
      given = &storage;
    }
    if (given == nullptr) {
      runtime_.fail("% wants an integer; got " + describe(value));
      return;
    }
    const bool is_negative = *given < 0;
    const uint64_t size = is_negative ? -static_cast<uint64_t>(*given) : static_cast<uint64_t>(*given);
    std::string digits = print_radix(size, is_decimal ? 10 : field.conversion == 'o' ? 8 : 16);
    const size_t least = static_cast<size_t>(field.precision.value_or(0));
    if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
    std::string prefix = sign_of(field, is_negative);
    if (field.is_alternative && !is_decimal) prefix += field.conversion == 'o' ? "0o" : "0x";
    if (field.conversion == 'X') to_capitals(prefix), to_capitals(digits);
    pad(field, prefix, digits);
  }

  void write_float(const Field& field, const Value& value) {
    int64_t storage = 0;
    const int64_t* integer = as_integer(value, storage);
    if (integer == nullptr && value.get<double>() == nullptr) {
      runtime_.fail("% wants a number; got " + describe(value));
      return;
    }
    const double number = integer ? static_cast<double>(*integer) : *value.get<double>();
    const int digits = static_cast<int>(std::min<int64_t>(field.precision.value_or(6), kMaxDigits));
    const double size = std::abs(number);
    const char form = static_cast<char>(field.conversion | 0x20);
    std::string text = form == 'f'   ? print_fixed(size, digits)
                       : form == 'e' ? print_scientific(size, digits)
                                     : print_general(size, digits);
    if (form != field.conversion) to_capitals(text);
    pad(field, sign_of(field, std::signbit(number)), text);
  }

  static void to_capitals(std::string& text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }

  void pad(const Field& field, const std::string& prefix, const std::string& text) {
    const size_t size = prefix.size() + count_code_points(text);
    const size_t missing = static_cast<size_t>(field.width) > size ? static_cast<size_t>(field.width) - size : 0;
    const bool is_number = std::string_view("srac").find(field.conversion) == std::string_view::npos;
    const bool is_zero_filled = field.is_zero_filled && is_number && !field.is_left;
    if (!field.is_left && !is_zero_filled) out_.write(missing, ' ');
    out_.write(prefix);
    if (is_zero_filled) out_.write(missing, '0');
    out_.write(text);
    if (field.is_left) out_.write(missing, ' ');
  }

  Runtime& runtime_;
  std::string_view rest_;
  const Value& values_;
  const Sequence* tuple_ = nullptr;
  size_t used_ = 0;
  Writer out_;
};

}  // namespace

Value percent_format(Runtime& runtime, std::string_view format, const Value& values) {
  return Formatter(runtime, format, values).format();
}

}  // namespace cortland::text
