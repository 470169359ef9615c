#include "mil/print.h"

#include <fmt/format.h>

namespace cortland::mil {
namespace {

std::string binding_text(const Function& function, const Binding& binding) {
  if (const auto* id = std::get_if<ValueId>(&binding)) return "%" + function.value(*id).name;
  if (const auto* literal = std::get_if<Literal>(&binding)) return literal->text();
  const auto& payload = std::get<PayloadPtr>(binding);
  return fmt::format("blob<{} bytes>", payload->size_bytes());
}

std::string argument_text(const Function& function, const Argument& argument) {
  std::string text;
  for (const Binding& binding : argument.bindings) {
    if (!text.empty()) text += ", ";
    text += binding_text(function, binding);
  }
  return argument.name + "=" + (argument.bindings.size() == 1 ? text : "(" + text + ")");
}

}  // namespace

std::string print_operation(const Function& function, const Operation& operation) {
  std::string results, arguments;
  for (const ValueId id : operation.outputs) {
    if (!results.empty()) results += ", ";
    results += fmt::format("%{}: {}", function.value(id).name, to_string(function.value(id).type));
  }
  for (const auto* list : {&operation.inputs, &operation.attributes}) {
    for (const Argument& argument : *list) {
      if (!arguments.empty()) arguments += ", ";
      arguments += argument_text(function, argument);
    }
  }
  return fmt::format("{}{}{}({})", results, results.empty() ? "" : " = ", operation.type, arguments);
}

std::string print_function(const Function& function) {
  std::string text = fmt::format("{} [{}](", function.name, function.opset);
  for (size_t i = 0; i < function.inputs.size(); ++i) {
    const ValueInfo& input = function.value(function.inputs[i]);
    text += fmt::format("{}%{}: {}", i == 0 ? "" : ", ", input.name, to_string(input.type));
  }
  text += ") {\n";
  for (const Operation& operation : function.operations) text += "  " + print_operation(function, operation) + "\n";
  text += "} -> (";
  for (size_t i = 0; i < function.outputs.size(); ++i) {
    text += fmt::format("{}%{}", i == 0 ? "" : ", ", function.value(function.outputs[i]).name);
  }
  return text + ")\n";
}

}  // namespace cortland::mil
