#include "text/template/arithmetic.h"

#include <cmath>
#include <limits>

#include "text/template/percent_format.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();

std::string_view sign_of(Operation operation) {
  constexpr std::string_view kSigns[] = {"+", "-", "*", "/", "//", "%", "**"};
  return kSigns[static_cast<size_t>(operation)];
}

Value overflow(Runtime& runtime) { return runtime.fail("an integer beyond 64 bits"); }

bool adds(int64_t a, int64_t b, int64_t& out) { return !__builtin_add_overflow(a, b, &out); }
bool subtracts(int64_t a, int64_t b, int64_t& out) { return !__builtin_sub_overflow(a, b, &out); }
bool multiplies(int64_t a, int64_t b, int64_t& out) { return !__builtin_mul_overflow(a, b, &out); }

bool raises(int64_t base, int64_t exponent, int64_t& out) {
  out = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && !multiplies(out, base, out)) return false;
    exponent >>= 1;
    if (exponent > 0 && !multiplies(base, base, base)) return false;
  }
  return true;
}

Value calculate_floats(Runtime& runtime, Operation operation, double a, double b) {
  const bool divides = operation >= Operation::divide && operation <= Operation::modulo;
  if (divides && b == 0) return runtime.fail("division by zero");
  switch (operation) {
    case Operation::add: return a + b;
    case Operation::subtract: return a - b;
    case Operation::multiply: return a * b;
    case Operation::divide: return a / b;
    case Operation::power: {
      if (a == 0 && b < 0) return runtime.fail("zero to a negative power");
      const double power = std::pow(a, b);
      if (std::isnan(power) && !std::isnan(a) && !std::isnan(b)) return runtime.fail("a root of a negative number");
      if (std::isinf(power) && std::isfinite(a) && std::isfinite(b)) return runtime.fail("a number out of range");
      return power;
    }
    case Operation::floor_divide:
    case Operation::modulo: break;
  }
  double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) {
    rest += b;
    quotient -= 1;
  }
  if (operation == Operation::modulo) return rest != 0 ? rest : std::copysign(0.0, b);
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

Value calculate_integers(Runtime& runtime, Operation operation, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (operation) {
    case Operation::add: return adds(a, b, result) ? Value(result) : overflow(runtime);
    case Operation::subtract: return subtracts(a, b, result) ? Value(result) : overflow(runtime);
    case Operation::multiply: return multiplies(a, b, result) ? Value(result) : overflow(runtime);
    case Operation::power:
      if (b < 0) return calculate_floats(runtime, operation, static_cast<double>(a), static_cast<double>(b));
      return raises(a, b, result) ? Value(result) : overflow(runtime);
    case Operation::divide: return calculate_floats(runtime, operation, static_cast<double>(a), static_cast<double>(b));
    case Operation::floor_divide:
    case Operation::modulo: break;
  }
  if (b == 0) return runtime.fail("division by zero");
  // a / -1 has no result for the lowest integer.
  if (b == -1) return operation == Operation::modulo ? Value(int64_t{0}) : negate(runtime, a);
  const bool is_off = a % b != 0 && (a % b < 0) != (b < 0);
  return operation == Operation::modulo ? a % b + (is_off ? b : 0) : a / b - (is_off ? 1 : 0);
}

Value repeat(Runtime& runtime, const Value& value, int64_t count) {
  const size_t times = count > 0 ? static_cast<size_t>(count) : 0;
  const size_t size = value.text() ? value.text()->bytes.size() : value.sequence()->elements.size() * sizeof(Value);
  if (size > 0 && times > runtime.budget().limits().memory / size) {
    return runtime.fail("a text or list repeated too often; got " + std::to_string(count) + " times");
  }
  if (!runtime.fits(size * times) || !runtime.spend_bytes(size * times)) return {};
  if (const Text* text = value.text()) {
    std::string out;
    out.reserve(size * times);
    for (size_t i = 0; i < times && size > 0; ++i) out += text->bytes;
    return runtime.text(std::move(out));
  }
  const std::vector<Value>& elements = value.sequence()->elements;
  std::vector<Value> out;
  out.reserve(elements.size() * times);
  for (size_t i = 0; i < times && size > 0; ++i) out.insert(out.end(), elements.begin(), elements.end());
  return runtime.sequence(value.sequence()->kind, std::move(out));
}

bool is_list_or_tuple(const Value& value) {
  const Sequence* sequence = value.sequence();
  return sequence && (sequence->kind == Sequence::Kind::list || sequence->kind == Sequence::Kind::tuple);
}

Value join(Runtime& runtime, const Value& a, const Value& b) {
  if (a.text()) {
    const size_t size = a.text()->bytes.size() + b.text()->bytes.size();
    return runtime.fits(size) ? runtime.text(a.text()->bytes + b.text()->bytes) : Value();
  }
  const Sequence &left = *a.sequence(), &right = *b.sequence();
  const size_t size = left.elements.size() + right.elements.size();
  if (!runtime.fits(size * sizeof(Value)) || !runtime.spend(size)) return {};
  std::vector<Value> all = left.elements;
  all.insert(all.end(), right.elements.begin(), right.elements.end());
  return runtime.sequence(left.kind, std::move(all));
}

}  // namespace

Value calculate(Runtime& runtime, Operation operation, const Value& a, const Value& b) {
  if (runtime.failed()) return {};
  int64_t x = 0, y = 0;
  const int64_t* left = as_integer(a, x);
  const int64_t* right = as_integer(b, y);
  if (left && right) return calculate_integers(runtime, operation, *left, *right);
  if (a.is_number() && b.is_number()) {
    return calculate_floats(runtime, operation, left ? static_cast<double>(*left) : *a.get<double>(),
                            right ? static_cast<double>(*right) : *b.get<double>());
  }
  if (operation == Operation::modulo && a.text()) return percent_format(runtime, a.text()->bytes, b);
  if (operation == Operation::multiply && right && (a.text() || is_list_or_tuple(a))) return repeat(runtime, a, *right);
  if (operation == Operation::multiply && left && (b.text() || is_list_or_tuple(b))) return repeat(runtime, b, *left);
  const bool are_texts = a.text() && b.text();
  const bool are_lists = is_list_or_tuple(a) && is_list_or_tuple(b) && a.sequence()->kind == b.sequence()->kind;
  if (operation == Operation::add && (are_texts || are_lists)) return join(runtime, a, b);
  return runtime.fail("operator " + std::string(sign_of(operation)) + " does not take these; got " + describe(a) +
                      " and " + describe(b));
}

Value negate(Runtime& runtime, const Value& value) {
  int64_t storage = 0;
  const int64_t* integer = as_integer(value, storage);
  if (integer) return *integer == kLowest ? overflow(runtime) : Value(-*integer);
  if (const double* number = value.get<double>()) return -*number;
  return runtime.fail("a sign wants a number; got " + describe(value));
}

}  // namespace cortland::text
