// Filters that put every element through a filter or a test: map, select, reject and those on an attribute.
#include "text/template/access.h"
#include "text/template/attribute_path.h"
#include "text/template/filters.h"
#include "text/template/runtime.h"
#include "text/template/tests.h"

namespace cortland::text {
namespace {

// The first argument, taken out. Nothing when there is none.
std::optional<Value> take_first(Arguments& given) {
  if (given.positional.empty()) return std::nullopt;
  Value first = std::move(given.positional.front());
  given.positional.erase(given.positional.begin());
  return first;
}

Value map_attribute(Runtime& runtime, const Sequence& all, const Value& attribute, const Value& fallback) {
  const AttributePath path(runtime, attribute);
  std::vector<Value> out;
  for (const Value& element : all.elements) {
    out.push_back(path.of(runtime, element, fallback));
    if (runtime.failed()) return {};
  }
  return generator(runtime, std::move(out));
}

Value map(Runtime& runtime, const Value& self, Arguments& given) {
  if (!is_true(self)) return generator(runtime, {});  // none has no elements, and yet is taken
  const SequencePointer all = elements_of(runtime, self);
  if (all == nullptr) return {};
  const std::optional<Value> name = take_first(given);
  if (!name) {
    const std::optional<Value> attribute = given.take("attribute"), fallback = given.take("default");
    if (!attribute || !given.named.empty()) return runtime.fail("map wants a filter, or attribute and default");
    return map_attribute(runtime, *all, *attribute, fallback ? *fallback : Value(None{}));
  }
  const Builtin* filter = name->text() ? find_filter(name->text()->bytes) : nullptr;
  if (filter == nullptr) return runtime.fail("map wants the name of a filter; got " + describe(*name));
  const Level level(runtime);
  if (!level) return {};
  std::vector<Value> out;
  for (const Value& element : all->elements) {
    out.push_back(apply(runtime, *filter, element, given));
    if (runtime.failed()) return {};
  }
  return generator(runtime, std::move(out));
}

enum class Subject { element, attribute };
enum class Taken { passing, failing };

// Without the name of a test: whether it is true.
template <Subject subject, Taken taken>
Value select(Runtime& runtime, const Value& self, Arguments& given) {
  if (!is_true(self)) return generator(runtime, {});
  const SequencePointer all = elements_of(runtime, self);
  if (all == nullptr) return {};
  const std::optional<Value> attribute = subject == Subject::attribute ? take_first(given) : None{};
  if (!attribute) return runtime.fail("selectattr and rejectattr want the name of an attribute");
  const AttributePath path(runtime, *attribute);
  const std::optional<Value> name = take_first(given);
  const Builtin* test = name && name->text() ? find_test(name->text()->bytes) : nullptr;
  if (name && test == nullptr) return runtime.fail("select wants the name of a test; got " + describe(*name));
  std::vector<Value> out;
  for (const Value& element : all->elements) {
    const Value tested = path.of(runtime, element);
    const bool passes = is_true(test ? apply(runtime, *test, tested, given) : tested);
    if (!runtime.spend(1)) return {};
    if (passes == (taken == Taken::passing)) out.push_back(element);
  }
  return generator(runtime, std::move(out));
}

constexpr Builtin kSelectionFilters[] = {
    {"map", "*", 0, map},
    {"reject", "*", 0, select<Subject::element, Taken::failing>},
    {"rejectattr", "*", 0, select<Subject::attribute, Taken::failing>},
    {"select", "*", 0, select<Subject::element, Taken::passing>},
    {"selectattr", "*", 0, select<Subject::attribute, Taken::passing>},
};

}  // namespace

std::span<const Builtin> selection_filters() { return kSelectionFilters; }

}  // namespace cortland::text
