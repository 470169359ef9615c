#include "text/template/macro.h"

#include "text/template/runtime.h"

namespace cortland::text {

Value Macro::call(Runtime& runtime, Arguments given) {
  const Level level(runtime);
  if (!level) return {};
  const Inner inner(runtime, scope_);
  bind(runtime, std::move(given));
  return runtime.capture(body_);
}

void Macro::bind(Runtime& runtime, Arguments given) const {
  std::vector<Value> rest;
  const size_t count = signature_.parameters.size();
  for (size_t i = 0; i < given.positional.size(); ++i) {
    if (i < count) {
      runtime.set(signature_.parameters[i].name, given.positional[i]);
    } else {
      rest.push_back(given.positional[i]);
    }
  }
  for (size_t i = given.positional.size(); i < count; ++i) {
    const auto& [name, fallback] = signature_.parameters[i];
    std::optional<Value> value = given.take(runtime.name_of(name));
    if (!value && fallback) value = runtime.evaluate(*fallback);  // sees the parameters before it
    runtime.set(name, value ? *value : Value(Undefined{Undefined::Reason::no_argument, runtime.name_text(name)}));
  }
  bind_rest(runtime, std::move(rest), std::move(given));
}

void Macro::bind_rest(Runtime& runtime, std::vector<Value> positional, Arguments named) const {
  if (signature_.caller) {
    const std::optional<Value> caller = named.take("caller");
    runtime.set(*signature_.caller,
              caller ? *caller : Value(Undefined{Undefined::Reason::no_name, runtime.name_text(*signature_.caller)}));
  }
  if (signature_.kwargs) {
    Dict dict;
    for (auto& [name, value] : named.named) dict.set(Value(name), std::move(value));
    runtime.set(*signature_.kwargs, runtime.dict(std::move(dict)));
  } else if (!named.named.empty()) {
    const std::string& name = named.named[0].first->bytes;
    runtime.fail("macro '" + signature_.name + "' takes no argument '" + name + "', or not twice");
  }
  if (signature_.varargs) {
    runtime.set(*signature_.varargs, runtime.tuple(std::move(positional)));
  } else if (!positional.empty()) {
    const size_t count = signature_.parameters.size();
    runtime.fail("macro '" + signature_.name + "' got " + std::to_string(count + positional.size()) +
                 " arguments; want at most " + std::to_string(count));
  }
}

std::optional<Value> Macro::attribute(Runtime& runtime, std::string_view name) {
  if (name == "name") return runtime.text(signature_.name);
  if (name == "catch_kwargs") return signature_.kwargs.has_value();
  if (name == "catch_varargs") return signature_.varargs.has_value();
  if (name == "caller") return signature_.caller.has_value();
  if (name != "arguments") return std::nullopt;
  std::vector<Value> names;
  for (const Signature::Parameter& one : signature_.parameters) names.push_back(runtime.name_text(one.name));
  return runtime.tuple(std::move(names));
}

void Macro::print(Runtime&, Writer& out) const { out.write("<Macro '" + signature_.name + "'>"); }

}  // namespace cortland::text
