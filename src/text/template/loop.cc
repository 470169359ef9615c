#include "text/template/loop.h"

#include "text/template/compare.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

Loop& loop_of(const Value& self) { return static_cast<Loop&>(*self.object()); }

constexpr Builtin kMethods[] = {
    {"cycle", "*", 0,
     [](Runtime& runtime, const Value& self, Arguments& given) { return loop_of(self).cycle(runtime, given); }},
    {"changed", "*", 0,
     [](Runtime& runtime, const Value& self, Arguments& given) { return loop_of(self).changed(runtime, given); }},
};

}  // namespace

Value Loop::call(Runtime& runtime, Arguments given) {
  if (!definition_.is_recursive) return runtime.fail("loop() is only for loops that are marked as recursive");
  if (given.positional.size() != 1) return runtime.fail("loop() wants one argument");
  Writer out(runtime);
  Writer* before = runtime.redirect(out);
  definition_.render_elements(runtime, given.positional[0], depth_ + 1);
  runtime.redirect(*before);
  return out.finish();
}

Value Loop::cycle(Runtime& runtime, const Arguments& given) const {
  if (given.positional.empty()) return runtime.fail("loop.cycle wants something to go through");
  return given.positional[index_ % given.positional.size()];
}

Value Loop::changed(Runtime& runtime, const Arguments& given) {
  const Value now = runtime.tuple(given.positional);
  if (last_ && is_equal(runtime, *last_, now)) return false;
  last_ = now;
  return true;
}

std::optional<Value> Loop::attribute(Runtime& runtime, std::string_view name) {
  const int64_t index = static_cast<int64_t>(index_), length = static_cast<int64_t>(elements_->elements.size());
  if (name == "index0") return index;
  if (name == "index") return index + 1;
  if (name == "first") return index == 0;
  if (name == "last") return index + 1 == length;
  if (name == "length") return length;
  if (name == "revindex0") return length - index - 1;
  if (name == "revindex") return length - index;
  if (name == "depth0") return int64_t{depth_};
  if (name == "depth") return int64_t{depth_} + 1;
  if (name == "previtem") return index == 0 ? Value() : elements_->elements[index_ - 1];
  if (name == "nextitem") return index + 1 == length ? Value() : elements_->elements[index_ + 1];
  const Builtin* method = find_builtin(kMethods, name);
  if (method == nullptr) return std::nullopt;
  return runtime.object_value<Function>(*method, Value(static_cast<Object*>(this)));
}

void Loop::print(Runtime&, Writer& out) const {
  out.write("<LoopContext " + std::to_string(index_ + 1) + "/" + std::to_string(elements_->elements.size()) + ">");
}

}  // namespace cortland::text
