#include "text/template/expression.h"

#include "text/template/compare.h"
#include "text/template/methods.h"
#include "text/template/print.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

constexpr size_t kMaxNamed = 1000;  // arguments, which are searched one by one

Value evaluate_optional(Runtime& runtime, const ExpressionPointer& expression) {
  return expression == nullptr ? Value(None{}) : runtime.evaluate(*expression);
}

}  // namespace

Value Constant::evaluate(Runtime&) const { return value; }

Value Variable::evaluate(Runtime& runtime) const { return runtime.find(name); }

Value Display::evaluate(Runtime& runtime) const {
  std::vector<Value> values;
  for (const ExpressionPointer& element : elements) values.push_back(runtime.evaluate(*element));
  return runtime.sequence(kind, std::move(values));
}

Value DictDisplay::evaluate(Runtime& runtime) const {
  Dict dict;
  for (const auto& [key, value] : entries) {
    const Value name = runtime.evaluate(*key);
    if (!is_key(name)) return runtime.fail("not a key of a dict; got " + describe(name));
    dict.set(name, runtime.evaluate(*value));
    if (runtime.failed()) return {};
  }
  return runtime.dict(std::move(dict));
}

Value Conditional::evaluate(Runtime& runtime) const {
  if (is_true(runtime.evaluate(*test))) return runtime.evaluate(*then);
  if (otherwise == nullptr) return Undefined{Undefined::Reason::no_else, nullptr};
  return runtime.evaluate(*otherwise);
}

Value Logic::evaluate(Runtime& runtime) const {
  Value value = runtime.evaluate(*left);
  const bool goes_on = is_true(value) == (kind == Kind::all);
  return goes_on ? runtime.evaluate(*right) : value;
}

Value Not::evaluate(Runtime& runtime) const { return !is_true(runtime.evaluate(*operand)); }

bool compare(Runtime& runtime, Comparison::Kind kind, const Value& a, const Value& b) {
  using Kind = Comparison::Kind;
  switch (kind) {
    case Kind::equal: return is_equal(runtime, a, b);
    case Kind::unequal: return !is_equal(runtime, a, b);
    case Kind::less: return is_less(runtime, a, b);
    case Kind::less_equal: return is_less(runtime, a, b) || is_equal(runtime, a, b);
    case Kind::greater: return is_less(runtime, b, a);
    case Kind::greater_equal: return is_less(runtime, b, a) || is_equal(runtime, a, b);
    case Kind::in: return contains(runtime, b, a);
    case Kind::not_in: return !contains(runtime, b, a);
  }
  return false;
}

Value Comparison::evaluate(Runtime& runtime) const {
  Value left = runtime.evaluate(*first);
  for (const Step& step : steps) {
    Value right = runtime.evaluate(*step.operand);
    if (runtime.failed()) return {};
    if (!compare(runtime, step.kind, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value Concatenation::evaluate(Runtime& runtime) const {
  Writer out(runtime);
  for (const ExpressionPointer& part : parts) print(runtime, runtime.evaluate(*part), out);
  return out.finish();
}

Value Binary::evaluate(Runtime& runtime) const {
  const Value a = runtime.evaluate(*left);
  const Value b = runtime.evaluate(*right);
  return calculate(runtime, operation, a, b);
}

Value Sign::evaluate(Runtime& runtime) const {
  const Value value = runtime.evaluate(*operand);
  if (runtime.failed() || kind == Kind::minus) return runtime.failed() ? Value() : negate(runtime, value);
  int64_t storage = 0;
  if (const int64_t* integer = as_integer(value, storage)) return *integer;
  return value.is_number() ? value : runtime.fail("a sign wants a number; got " + describe(value));
}

Value Attribute::evaluate(Runtime& runtime) const { return attribute_of(runtime, runtime.evaluate(*base), name); }

Value Subscript::evaluate(Runtime& runtime) const {
  const Value container = runtime.evaluate(*base);
  return element_of(runtime, container, runtime.evaluate(*key));
}

Value Slice::evaluate(Runtime& runtime) const {
  const Value container = runtime.evaluate(*base);
  SliceBounds bounds;
  bounds.begin = evaluate_optional(runtime, begin);
  bounds.end = evaluate_optional(runtime, end);
  bounds.step = evaluate_optional(runtime, step);
  return slice_of(runtime, container, bounds);
}

Arguments ArgumentList::evaluate(Runtime& runtime) const {
  Arguments given;
  for (const ExpressionPointer& one : positional) given.positional.push_back(runtime.evaluate(*one));
  for (const auto& [name, value] : named) given.named.emplace_back(name, runtime.evaluate(*value));
  if (more_positional) {
    if (const SequencePointer more = elements_of(runtime, runtime.evaluate(*more_positional))) {
      if (!runtime.spend(more->elements.size())) return {};
      given.positional.insert(given.positional.end(), more->elements.begin(), more->elements.end());
    }
  }
  if (more_named) {
    const Value more = runtime.evaluate(*more_named);
    if (more.dict() == nullptr) runtime.fail("** wants a dict; got " + describe(more));
    for (const auto& [key, value] : more.dict() ? more.dict()->entries() : std::vector<Dict::Entry>()) {
      const TextPointer* name = key.get<TextPointer>();
      if (name == nullptr || given.named.size() > kMaxNamed) {
        runtime.fail("** wants names, at most " + std::to_string(kMaxNamed) + "; got " + describe(key));
        break;
      }
      given.named.emplace_back(*name, value);
    }
  }
  return given;
}

Value Call::call(Runtime& runtime, const Value& base, Arguments given) const {
  if (runtime.failed()) return {};
  const Builtin* own = method == nullptr ? nullptr : find_method(base, method->bytes);
  if (own != nullptr && own->apply != nullptr) return apply(runtime, *own, base, std::move(given));
  const Value function = method == nullptr ? base : attribute_of(runtime, base, method);
  if (runtime.failed()) return {};
  if (Object* object = function.object()) return object->call(runtime, std::move(given));
  return runtime.fail("it cannot be called; got " + describe(function));
}

Value Call::evaluate(Runtime& runtime) const {
  const Value base = runtime.evaluate(*callee);
  if (runtime.failed()) return {};
  return call(runtime, base, arguments.evaluate(runtime));
}

Value Call::evaluate_with(Runtime& runtime, const TextPointer& name, const Value& value) const {
  const Value base = runtime.evaluate(*callee);
  if (runtime.failed()) return {};
  Arguments given = arguments.evaluate(runtime);
  given.named.emplace_back(name, value);
  return call(runtime, base, std::move(given));
}

Value Filter::evaluate(Runtime& runtime) const {
  const Value self = runtime.evaluate(*operand);
  if (builtin == nullptr) return runtime.fail("no filter has this name; got '" + name + "'");
  return apply(runtime, *builtin, self, arguments.evaluate(runtime));
}

Value BlockText::evaluate(Runtime& runtime) const { return runtime.block_text(); }

Value Test::evaluate(Runtime& runtime) const {
  const Value self = runtime.evaluate(*operand);
  if (builtin == nullptr) return runtime.fail("no test has this name; got '" + name + "'");
  return apply(runtime, *builtin, self, arguments.evaluate(runtime));
}

}  // namespace cortland::text
