#include "text/template/statement.h"

#include "text/template/loop.h"
#include "text/template/macro.h"
#include "text/template/print.h"
#include "text/template/runtime.h"

namespace cortland::text {

void Target::assign(Runtime& runtime, const Value& value) const {
  if (!several.empty()) {
    const SequencePointer parts = elements_of(runtime, value);
    if (parts == nullptr) return;
    if (parts->elements.size() != several.size()) {
      runtime.fail("values for " + std::to_string(several.size()) + " names; got " +
                   std::to_string(parts->elements.size()));
      return;
    }
    for (size_t i = 0; i < several.size(); ++i) several[i].assign(runtime, parts->elements[i]);
    return;
  }
  if (runtime.failed()) return;
  if (attribute == nullptr) return runtime.set(name, value);
  Object* object = runtime.find(name).object();
  if (object == nullptr || object->type_name() != "Namespace") {
    const std::string path = runtime.name_of(name) + "." + attribute->bytes;
    runtime.fail("only attributes of a namespace can be set; got '" + path + "'");
    return;
  }
  static_cast<Namespace*>(object)->set(runtime, attribute, value);
}

Flow Data::render(Runtime& runtime) const {
  runtime.out().write(text);
  return Flow::next;
}

Flow Output::render(Runtime& runtime) const {
  const Value result = runtime.evaluate(*value);
  print(runtime, result, runtime.out());
  return Flow::next;
}

Flow If::render(Runtime& runtime) const {
  for (const Branch& branch : branches) {
    const bool is_taken = branch.test == nullptr || is_true(runtime.evaluate(*branch.test));
    if (runtime.failed()) return Flow::next;
    if (is_taken) return runtime.render(branch.body);
  }
  return Flow::next;
}

SequencePointer For::select(Runtime& runtime, const Value& value) const {
  const SequencePointer all = elements_of(runtime, value);
  if (all == nullptr || test == nullptr) return all;
  std::vector<Value> selected;
  for (const Value& element : all->elements) {
    const Inner inner(runtime);
    target.assign(runtime, element);
    const bool is_taken = is_true(runtime.evaluate(*test));
    if (runtime.failed()) return nullptr;
    if (is_taken) selected.push_back(element);
  }
  const Value list = runtime.list(std::move(selected));
  return list.sequence() ? *list.get<SequencePointer>() : nullptr;
}

void For::render_elements(Runtime& runtime, const Value& value, int depth) const {
  const SequencePointer chosen = select(runtime, value);
  if (chosen == nullptr) return;
  if (chosen->elements.empty()) {
    const Inner inner(runtime);
    runtime.render(otherwise);
    return;
  }
  Loop* state = runtime.object<Loop>(*this, chosen, depth);
  for (size_t i = 0; i < chosen->elements.size() && runtime.spend(1); ++i) {
    const Inner inner(runtime);
    state->move_to(i);
    runtime.set(loop, Value(static_cast<Object*>(state)));
    target.assign(runtime, chosen->elements[i]);
    if (runtime.failed() || runtime.render(body) == Flow::leave_loop) return;
  }
}

Flow For::render(Runtime& runtime) const {
  render_elements(runtime, runtime.evaluate(*elements), 0);
  return Flow::next;
}

Flow Set::render(Runtime& runtime) const {
  target.assign(runtime, runtime.evaluate(*value));
  return Flow::next;
}

Value Captured::evaluate(Runtime& runtime) const {
  Value text;
  {
    const Inner inner(runtime);
    text = runtime.capture(body);
  }
  if (filters == nullptr) return text;
  runtime.set_block_text(std::move(text));
  return runtime.evaluate(*filters);
}

Flow SetBlock::render(Runtime& runtime) const {
  target.assign(runtime, block.evaluate(runtime));
  return Flow::next;
}

Flow CapturedBlock::render(Runtime& runtime) const {
  const Value text = block.evaluate(runtime);
  print(runtime, text, runtime.out());
  return Flow::next;
}

Flow With::render(Runtime& runtime) const {
  std::vector<Value> values;  // none of them sees the variables
  for (const auto& [target, value] : variables) values.push_back(runtime.evaluate(*value));
  const Inner inner(runtime);
  for (size_t i = 0; i < values.size(); ++i) variables[i].first.assign(runtime, values[i]);
  return runtime.render(body);
}

Flow MacroDefinition::render(Runtime& runtime) const {
  const Value macro = runtime.object_value<Macro>(signature, body, runtime.scopes().keep());
  runtime.set(name, macro);
  return Flow::next;
}

Flow CallBlock::render(Runtime& runtime) const {
  const Value body_macro = runtime.object_value<Macro>(signature, body, runtime.scopes().keep());
  const Value result = call->as_call()->evaluate_with(runtime, caller, body_macro);
  print(runtime, result, runtime.out());
  return Flow::next;
}

}  // namespace cortland::text
