#include "text/template/tests.h"

#include "text/template/compare.h"
#include "text/template/expression.h"
#include "text/template/filters.h"
#include "text/template/letters.h"
#include "text/template/print.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

template <bool (*test)(const Value&)>
Value simple(Runtime&, const Value& self, Arguments&) { return test(self); }

bool is_defined(const Value& value) { return !value.is_undefined(); }
bool is_undefined(const Value& value) { return value.is_undefined(); }
bool is_none(const Value& value) { return value.is_none(); }
bool is_boolean(const Value& value) { return value.get<bool>() != nullptr; }
bool is_false(const Value& value) { return is_boolean(value) && !*value.get<bool>(); }
bool is_exactly_true(const Value& value) { return is_boolean(value) && *value.get<bool>(); }
bool is_integer(const Value& value) { return value.get<int64_t>() != nullptr; }
bool is_float(const Value& value) { return value.get<double>() != nullptr; }
bool is_number(const Value& value) { return value.is_number(); }
bool is_string(const Value& value) { return value.text() != nullptr; }
bool is_mapping(const Value& value) { return value.dict() != nullptr; }
// Something undefined has no elements, but could have.
bool is_iterable(const Value& value) {
  return value.is_undefined() || value.text() || value.dict() || value.sequence();
}
bool is_sequence(const Value& value) {
  return is_iterable(value) && (!value.sequence() || value.sequence()->kind <= Sequence::Kind::range);
}
// Something undefined can be called, which fails.
bool is_callable(const Value& value) {
  return value.is_undefined() || (value.object() != nullptr && value.object()->is_callable());
}
bool is_escaped(const Value&) { return false; }

template <Comparison::Kind kind>
Value compared(Runtime& runtime, const Value& self, Arguments& given) {
  return compare(runtime, kind, self, at(given, 0));
}

Value has_remainder(Runtime& runtime, const Value& self, const Value& divisor, int64_t wanted) {
  const Value rest = calculate(runtime, Operation::modulo, self, divisor);
  return is_equal(runtime, rest, Value(wanted));
}

Value odd(Runtime& runtime, const Value& self, Arguments&) { return has_remainder(runtime, self, int64_t{2}, 1); }
Value even(Runtime& runtime, const Value& self, Arguments&) { return has_remainder(runtime, self, int64_t{2}, 0); }
Value divisible(Runtime& runtime, const Value& self, Arguments& given) {
  return has_remainder(runtime, self, at(given, 0), 0);
}

template <bool (*test)(std::string_view)>
Value has_case(Runtime& runtime, const Value& self, Arguments&) {
  const std::string text = to_text(runtime, self);
  return runtime.spend(text.size()) && runtime.fits(4 * text.size()) && test(text);
}

// Python's `is`.
Value same(Runtime& runtime, const Value& self, Arguments& given) {
  const Value& other = at(given, 0);
  if (self.storage().index() != other.storage().index()) return false;
  if (self.sequence()) return self.sequence() == other.sequence();
  if (self.dict()) return self.dict() == other.dict();
  return is_equal(runtime, self, other);
}

Value is_filter(Runtime&, const Value& self, Arguments&) { return self.text() && find_filter(self.text()->bytes); }
Value is_test(Runtime&, const Value& self, Arguments&) { return self.text() && find_test(self.text()->bytes); }

constexpr Builtin kTests[] = {
    {"defined", "", 0, simple<is_defined>},
    {"undefined", "", 0, simple<is_undefined>},
    {"none", "", 0, simple<is_none>},
    {"string", "", 0, simple<is_string>},
    {"mapping", "", 0, simple<is_mapping>},
    {"iterable", "", 0, simple<is_iterable>},
    {"sequence", "", 0, simple<is_sequence>},
    {"number", "", 0, simple<is_number>},
    {"integer", "", 0, simple<is_integer>},
    {"float", "", 0, simple<is_float>},
    {"boolean", "", 0, simple<is_boolean>},
    {"true", "", 0, simple<is_exactly_true>},
    {"false", "", 0, simple<is_false>},
    {"callable", "", 0, simple<is_callable>},
    {"escaped", "", 0, simple<is_escaped>},
    {"lower", "", 0, has_case<is_lower>},
    {"upper", "", 0, has_case<is_upper>},
    {"odd", "", 0, odd},
    {"even", "", 0, even},
    {"divisibleby", "num", 1, divisible},
    {"sameas", "other", 1, same},
    {"filter", "", 0, is_filter},
    {"test", "", 0, is_test},
    {"in", "seq", 1, compared<Comparison::Kind::in>},
    {"==", "other", 1, compared<Comparison::Kind::equal>},
    {"eq", "other", 1, compared<Comparison::Kind::equal>},
    {"equalto", "other", 1, compared<Comparison::Kind::equal>},
    {"!=", "other", 1, compared<Comparison::Kind::unequal>},
    {"ne", "other", 1, compared<Comparison::Kind::unequal>},
    {">", "other", 1, compared<Comparison::Kind::greater>},
    {"gt", "other", 1, compared<Comparison::Kind::greater>},
    {"greaterthan", "other", 1, compared<Comparison::Kind::greater>},
    {">=", "other", 1, compared<Comparison::Kind::greater_equal>},
    {"ge", "other", 1, compared<Comparison::Kind::greater_equal>},
    {"<", "other", 1, compared<Comparison::Kind::less>},
    {"lt", "other", 1, compared<Comparison::Kind::less>},
    {"lessthan", "other", 1, compared<Comparison::Kind::less>},
    {"<=", "other", 1, compared<Comparison::Kind::less_equal>},
    {"le", "other", 1, compared<Comparison::Kind::less_equal>},
};

}  // namespace

const Builtin* find_test(std::string_view name) { return find_builtin(kTests, name); }

}  // namespace cortland::text
