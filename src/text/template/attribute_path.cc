#include "text/template/attribute_path.h"

#include <algorithm>

#include "text/template/access.h"
#include "text/template/number.h"
#include "text/template/runtime.h"

namespace cortland::text {

AttributePath::AttributePath(Runtime& runtime, const Value& attribute) {
  if (!attribute.is_given() || attribute.is_none()) return;
  if (attribute.get<int64_t>()) {
    steps_.push_back(attribute);
    return;
  }
  if (attribute.text() == nullptr) {
    runtime.fail("an attribute is a name or a number; got " + describe(attribute));
    return;
  }
  std::string_view rest = attribute.text()->bytes;
  if (!runtime.spend(rest.size())) return;
  while (true) {
    const std::string_view step = rest.substr(0, rest.find('.'));
    const bool is_index = !step.empty() && step.find_first_not_of("0123456789") == step.npos;
    const std::optional<int64_t> index = is_index ? parse_integer(step, 10) : std::nullopt;
    steps_.push_back(index ? Value(*index) : runtime.text(std::string(step)));
    if (step.size() == rest.size()) return;
    rest.remove_prefix(step.size() + 1);
  }
}

Value AttributePath::of(Runtime& runtime, const Value& element, const Value& fallback) const {
  Value value = element;
  for (const Value& step : steps_) {
    value = element_of(runtime, value, step);
    if (value.is_undefined() && !fallback.is_none()) value = fallback;
  }
  return value;
}

}  // namespace cortland::text
