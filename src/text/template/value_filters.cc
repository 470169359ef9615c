// Filters on numbers and on values of any kind.
#include <algorithm>
#include <cmath>

#include "text/template/access.h"
#include "text/template/arithmetic.h"
#include "text/template/filters.h"
#include "text/template/json_print.h"
#include "text/template/methods.h"
#include "text/template/number.h"
#include "text/template/print.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

constexpr int64_t kMaxJsonIndent = 1000;

Value fallback(Runtime& runtime, const Value& self, Arguments& given) {
  const bool is_missing = self.is_undefined() || (flag_at(given, 1) && !is_true(self));
  if (!is_missing) return self;
  return at(given, 0).is_given() ? at(given, 0) : runtime.text("");
}

Value absolute(Runtime& runtime, const Value& self, Arguments&) {
  int64_t storage = 0;
  const int64_t* integer = as_integer(self, storage);
  if (integer) return *integer < 0 ? negate(runtime, *integer) : Value(*integer);
  if (const double* number = self.get<double>()) return std::abs(*number);
  return runtime.fail("abs wants a number; got " + describe(self));
}

Value truncate(Runtime& runtime, double number) {
  if (!std::isfinite(number)) return runtime.fail("int wants a finite number");
  if (std::abs(number) >= 9223372036854775808.0) return runtime.fail("an integer beyond 64 bits");
  return static_cast<int64_t>(number);
}

Value to_integer(Runtime& runtime, const Value& self, Arguments& given) {
  const Value otherwise = at(given, 0).is_given() ? at(given, 0) : Value(int64_t{0});
  int64_t storage = 0;
  if (const int64_t* integer = as_integer(self, storage)) return *integer;
  if (const double* number = self.get<double>()) return std::isnan(*number) ? otherwise : truncate(runtime, *number);
  if (self.is_undefined()) return runtime.fail("int of something undefined; got " + describe(self));
  if (self.text() == nullptr) return otherwise;
  const int64_t base = integer_at(runtime, given, 1, 10);
  if (base != 0 && (base < 2 || base > 36)) return runtime.fail("int wants a base of 2 to 36");
  if (const std::optional<int64_t> value = parse_integer(self.text()->bytes, static_cast<int>(base))) return *value;
  const std::optional<double> number = parse_float(self.text()->bytes);
  return number && std::isfinite(*number) ? truncate(runtime, *number) : otherwise;
}

Value to_float(Runtime& runtime, const Value& self, Arguments& given) {
  const Value otherwise = at(given, 0).is_given() ? at(given, 0) : Value(0.0);
  int64_t storage = 0;
  if (const int64_t* integer = as_integer(self, storage)) return static_cast<double>(*integer);
  if (self.get<double>()) return self;
  if (self.is_undefined()) return runtime.fail("float of something undefined; got " + describe(self));
  const std::optional<double> number = self.text() ? parse_float(self.text()->bytes) : std::nullopt;
  return number ? Value(*number) : otherwise;
}

Value round(Runtime& runtime, const Value& self, Arguments& given) {
  const int64_t digits = integer_at(runtime, given, 0, 0);
  const Text* method = text_at(runtime, given, 1);
  const std::string name = method ? method->bytes : "common";
  int64_t storage = 0;
  const int64_t* integer = as_integer(self, storage);
  if (!self.is_number()) return runtime.fail("round wants a number; got " + describe(self));
  if (name == "common" && integer && digits >= 0) return *integer;
  const double number = integer ? static_cast<double>(*integer) : *self.get<double>();
  if (name == "common") {
    const double rounded = round_to(number, digits);
    return integer ? truncate(runtime, rounded) : Value(rounded);
  }
  const double unit = std::pow(10.0, static_cast<double>(digits));
  if (name == "ceil") return std::ceil(number * unit) / unit;
  if (name == "floor") return std::floor(number * unit) / unit;
  return runtime.fail("round wants common, ceil or floor; got '" + name + "'");
}

Value to_string(Runtime& runtime, const Value& self, Arguments&) { return to_text_value(runtime, self); }

Value attribute(Runtime& runtime, const Value& self, Arguments& given) {
  const TextPointer* name = at(given, 0).get<TextPointer>();
  if (name == nullptr) return runtime.fail("attr wants a name; got " + describe(at(given, 0)));
  if (self.dict() && find_method(self, (*name)->bytes) == nullptr) {
    return Undefined{Undefined::Reason::no_attribute, *name};  // and not the element of that key
  }
  return attribute_of(runtime, self, *name);
}

bool read_separators(Runtime& runtime, const Value& value, JsonStyle& style) {
  const Sequence* pair = value.sequence();
  if (!pair || pair->elements.size() != 2 || !pair->elements[0].text() || !pair->elements[1].text()) {
    runtime.fail("separators wants a pair of texts; got " + describe(value));
    return false;
  }
  style.item_separator = pair->elements[0].text()->bytes;
  style.key_separator = pair->elements[1].text()->bytes;
  return true;
}

Value to_json(Runtime& runtime, const Value& self, Arguments& given) {
  JsonStyle style;
  style.is_ascii = flag_at(given, 0);
  style.is_sorted = flag_at(given, 3);
  const Value& indent = at(given, 1);
  if (indent.text()) {
    style.indent = indent.text()->bytes;
  } else if (indent.is_given() && !indent.is_none()) {
    const int64_t width = integer_at(runtime, given, 1, 0);
    if (width > kMaxJsonIndent) return runtime.fail("an indent that is too wide; got " + std::to_string(width));
    style.indent = std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' ');
  }
  if (style.indent) style.item_separator = ",";
  const Value& separators = at(given, 2);
  if (separators.is_given() && !separators.is_none() && !read_separators(runtime, separators, style)) return {};
  Writer out(runtime);
  print_json(runtime, self, style, out);
  return out.finish();
}

constexpr Builtin kValueFilters[] = {
    {"abs", "", 0, absolute},
    {"attr", "name", 1, attribute},
    {"d", "default_value boolean", 0, fallback},
    {"default", "default_value boolean", 0, fallback},
    {"float", "default", 0, to_float},
    {"int", "default base", 0, to_integer},
    {"round", "precision method", 0, round},
    {"safe", "", 0, to_string},  // nothing is escaped, so nothing need be exempt
    {"string", "", 0, to_string},
    {"tojson", "ensure_ascii indent separators sort_keys", 0, to_json},
};

}  // namespace

std::span<const Builtin> value_filters() { return kValueFilters; }

Value generator(Runtime& runtime, std::vector<Value> elements) {
  return runtime.sequence(Sequence::Kind::generator, std::move(elements));
}

const Builtin* find_filter(std::string_view name) {
  for (const std::span<const Builtin> table : {value_filters(), text_filters(), list_filters(), selection_filters()}) {
    if (const Builtin* filter = find_builtin(table, name)) return filter;
  }
  return nullptr;
}

}  // namespace cortland::text
