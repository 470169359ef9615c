#include "text/template/compare.h"

#include <algorithm>
#include <cmath>
#include <compare>

#include "text/template/dict.h"
#include "text/template/finder.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

std::partial_ordering compare(int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  constexpr double kEnd = 9223372036854775808.0;
  if (b >= kEnd) return std::partial_ordering::less;
  if (b < -kEnd) return std::partial_ordering::greater;
  const int64_t whole = static_cast<int64_t>(b);  // towards zero
  if (a != whole) return a <=> whole;
  return 0.0 <=> b - static_cast<double>(whole);
}

// Exact also where a double has not all integers. REQUIRES: numbers.
std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  int64_t x = 0, y = 0;
  const int64_t* left = as_integer(a, x);
  const int64_t* right = as_integer(b, y);
  if (left && right) return *left <=> *right;
  if (left) return compare(*left, *b.get<double>());
  if (!right) return *a.get<double>() <=> *b.get<double>();
  const std::partial_ordering order = compare(*right, *a.get<double>());
  return order == std::partial_ordering::less      ? std::partial_ordering::greater
         : order == std::partial_ordering::greater ? std::partial_ordering::less
                                                   : order;
}

// `in` and the comparison of lists take an element for equal to itself, even NaN.
bool is_same_or_equal(Runtime& runtime, const Value& a, const Value& b) {
  const double* x = a.get<double>();
  const double* y = b.get<double>();
  return (x && y && std::isnan(*x) && std::isnan(*y)) || is_equal(runtime, a, b);
}

bool is_equal(Runtime& runtime, const Sequence& a, const Sequence& b) {
  if (&a == &b) return true;
  const bool has_no_equal = a.kind == Sequence::Kind::generator || a.kind == Sequence::Kind::values;
  if (has_no_equal || a.kind != b.kind || a.elements.size() != b.elements.size()) return false;
  for (size_t i = 0; i < a.elements.size(); ++i) {
    if (!is_same_or_equal(runtime, a.elements[i], b.elements[i])) return false;
  }
  return true;
}

bool is_equal(Runtime& runtime, const Dict& a, const Dict& b) {
  if (&a == &b) return true;
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a.entries()) {
    const Value* other = b.find(key);
    if (other == nullptr || !is_same_or_equal(runtime, value, *other)) return false;
  }
  return true;
}

bool has_order(const Sequence& a, const Sequence& b) {
  return a.kind == b.kind && (a.kind == Sequence::Kind::list || a.kind == Sequence::Kind::tuple);
}

}  // namespace

bool is_equal(Runtime& runtime, const Value& a, const Value& b) {
  const Level level(runtime);
  if (!level || !runtime.spend(1)) return false;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.text() && b.text()) {
    const std::string &left = a.text()->bytes, &right = b.text()->bytes;
    return left.size() == right.size() && runtime.spend_bytes(left.size()) && left == right;
  }
  if (a.sequence() && b.sequence()) return is_equal(runtime, *a.sequence(), *b.sequence());
  if (a.dict() && b.dict()) return is_equal(runtime, *a.dict(), *b.dict());
  if (a.object() || b.object()) return a.object() == b.object();
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

bool is_less(Runtime& runtime, const Value& a, const Value& b) {
  const Level level(runtime);
  if (!level || !runtime.spend(1)) return false;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) < 0;
  if (a.text() && b.text()) {
    const std::string &left = a.text()->bytes, &right = b.text()->bytes;
    return runtime.spend_bytes(std::min(left.size(), right.size())) && left < right;  // UTF-8 keeps the order
  }
  if (a.sequence() && b.sequence() && has_order(*a.sequence(), *b.sequence())) {
    const std::vector<Value>&left = a.sequence()->elements, &right = b.sequence()->elements;
    for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      if (!is_same_or_equal(runtime, left[i], right[i])) return is_less(runtime, left[i], right[i]);
    }
    return left.size() < right.size();
  }
  runtime.fail("values without an order; got " + describe(a) + " and " + describe(b));
  return false;
}

bool contains(Runtime& runtime, const Value& container, const Value& item) {
  if (const Text* text = container.text()) {
    const Text* part = item.text();
    if (part == nullptr) {
      runtime.fail("in a text only texts can be looked for; got " + describe(item));
      return false;
    }
    return runtime.spend_bytes(text->bytes.size() + part->bytes.size()) &&
           Finder(part->bytes).find(text->bytes) != std::string::npos;
  }
  if (const Dict* dict = container.dict()) {
    if (is_key(item)) return dict->find(item) != nullptr;
    runtime.fail("not a key of a dict; got " + describe(item));
    return false;
  }
  if (const Sequence* sequence = container.sequence()) {
    return std::any_of(sequence->elements.begin(), sequence->elements.end(), [&](const Value& element) {
      return !runtime.failed() && is_same_or_equal(runtime, element, item);
    });
  }
  if (!container.is_undefined()) runtime.fail("'in' wants something with elements; got " + describe(container));
  return false;
}

}  // namespace cortland::text
