#include "text/template/number.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <locale>
#include <sstream>

#include "text/template/code_points.h"

namespace cortland::text {
namespace {

enum class Form { fixed, scientific };

std::string print(double value, Form form, int digits) {
  std::ostringstream stream;
  stream.imbue(std::locale::classic());
  stream.precision(digits);
  stream << (form == Form::fixed ? std::fixed : std::scientific) << value;
  return stream.str();
}

std::string print_special(double value) { return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf"; }

// REQUIRES: a plain decimal number.
double read_decimal(const std::string& digits) {
  std::istringstream stream(digits);
  stream.imbue(std::locale::classic());
  double value = 0;
  stream >> value;
  const bool is_huge = stream.fail() && std::abs(value) > 1;
  return is_huge ? std::copysign(std::numeric_limits<double>::infinity(), value) : value;
}

// The value of a digit in bases up to 36; 99 for others.
int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Takes digits and underscores between them off the front.
bool take_digits(std::string_view& text, std::string& digits) {
  if (text.empty() || digit_of(text[0]) > 9) return false;
  while (!text.empty()) {
    const bool is_underscore = text[0] == '_' && text.size() > 1 && digit_of(text[1]) <= 9;
    if (!is_underscore && digit_of(text[0]) > 9) break;
    if (!is_underscore) digits += text[0];
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace

std::string print_fixed(double value, int digits) {
  return std::isfinite(value) ? print(value, Form::fixed, digits) : print_special(value);
}

std::string print_scientific(double value, int digits) {
  return std::isfinite(value) ? print(value, Form::scientific, digits) : print_special(value);
}

std::string print_float(double value) {
  if (!std::isfinite(value)) return print_special(value);
  // 15 digits are always enough for a decimal that short; below the normal range there are fewer.
  const bool is_normal = std::abs(value) >= std::numeric_limits<double>::min();
  std::string text;
  for (int digits = is_normal ? 14 : 0; digits <= 16; ++digits) {
    text = print(value, Form::scientific, digits);
    if (read_decimal(text) == value) break;
  }
  const size_t mark = text.find('e');
  const int exponent = static_cast<int>(*parse_integer(text.substr(mark + 1), 10));
  std::string mantissa;  // digits, without the point and zeros at the end
  for (const char c : text.substr(0, mark)) {
    if (digit_of(c) <= 9) mantissa += c;
  }
  while (mantissa.size() > 1 && mantissa.back() == '0') mantissa.pop_back();
  const std::string sign = std::signbit(value) ? "-" : "";
  if (exponent < -4 || exponent >= 16) {
    const std::string fraction = mantissa.size() > 1 ? "." + mantissa.substr(1) : "";
    const std::string size = std::to_string(std::abs(exponent));
    return sign + mantissa[0] + fraction + (exponent < 0 ? "e-" : "e+") + (size.size() < 2 ? "0" : "") + size;
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + mantissa;
  const size_t whole = static_cast<size_t>(exponent) + 1;
  if (mantissa.size() <= whole) return sign + mantissa + std::string(whole - mantissa.size(), '0') + ".0";
  return sign + mantissa.substr(0, whole) + "." + mantissa.substr(whole);
}

std::optional<int64_t> parse_integer(std::string_view text, int base) {
  text = trim_start(trim_end(text));
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() > 2 && text[0] == '0') {
    const char letter = text[1];
    const int named = letter == 'x' || letter == 'X' ? 16 : letter == 'o' || letter == 'O' ? 8 :
                      letter == 'b' || letter == 'B' ? 2 : 0;
    if (named != 0 && (base == 0 || base == named)) {
      text.remove_prefix(text[2] == '_' ? 3 : 2);
      base = named;
    }
  }
  if (base == 0) {
    base = 10;
    if (text.starts_with('0') && text.find_first_not_of("0_") != text.npos) return std::nullopt;
  }
  uint64_t value = 0;
  bool was_digit = false;
  for (const char c : text) {
    if (c == '_' && was_digit) {
      was_digit = false;
      continue;
    }
    const int digit = digit_of(c);
    if (digit >= base || value > (UINT64_MAX - 36) / static_cast<uint64_t>(base)) return std::nullopt;
    value = value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
    was_digit = true;
  }
  if (!was_digit || value > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
  return is_negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

std::optional<double> parse_float(std::string_view text) {
  text = trim_start(trim_end(text));
  std::string digits;
  if (text.starts_with('-') || text.starts_with('+')) {
    if (text[0] == '-') digits = "-";
    text.remove_prefix(1);
  }
  const double sign = digits.empty() ? 1 : -1;
  const std::string word = text.size() <= 8 ? to_lower_ascii(text) : "";
  if (word == "inf" || word == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  const bool has_whole = take_digits(text, digits);
  if (!has_whole) digits += '0';
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += '.';
    if (!take_digits(text, digits)) {
      if (!has_whole) return std::nullopt;
      digits += '0';
    }
  } else if (!has_whole) {
    return std::nullopt;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    digits += 'e';
    if (text.starts_with('-') || text.starts_with('+')) {
      digits += text[0];
      text.remove_prefix(1);
    }
    if (!take_digits(text, digits)) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return read_decimal(digits);
}

double round_to(double value, int64_t digits) {
  if (!std::isfinite(value) || digits > 330) return value;
  if (digits >= 0) return read_decimal(print(value, Form::fixed, static_cast<int>(digits)));
  if (digits < -308) return std::copysign(0.0, value);
  const double unit = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(value / unit) * unit;
}

}  // namespace cortland::text
