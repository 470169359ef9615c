// Operations that turn compressed weights into tensors and have no struct in mil: their form and their result.
#include <algorithm>
#include <array>

#include "package/check_parts.h"

namespace cortland {
namespace {

constexpr auto kNever = static_cast<mil::Opset>(INT32_MAX);

struct ConstexprRule {
  std::string_view op;
  mil::Opset inputs_since;   // from here on its parameters are inputs, before that attributes
  std::string_view shape_of;  // the parameter that has the shape of the result
  std::string_view dtype_of;  // the parameter that has its element type
};

// Coreml-format sections 4.4 and 5.6.
constexpr std::array kConstexprRules = {
    ConstexprRule{"constexpr_affine_dequantize", kNever, "quantized_data", "scale"},
    ConstexprRule{"constexpr_blockwise_shift_scale", mil::Opset::coreml8, "data", "scale"},
    ConstexprRule{"constexpr_lut_to_dense", mil::Opset::coreml8, "indices", "lut"},
    ConstexprRule{"constexpr_sparse_to_dense", mil::Opset::coreml8, "mask", "nonzero_data"},
};

std::optional<mil::Type> type_of(const mil::Function& function, const mil::Operation& operation,
                                 std::string_view parameter) {
  for (const auto* list : {&operation.inputs, &operation.attributes}) {
    for (const mil::Argument& argument : *list) {
      if (argument.name != parameter || argument.bindings.size() != 1) continue;
      const mil::Binding& binding = argument.bindings.front();
      if (const auto* literal = std::get_if<mil::Literal>(&binding)) return mil::Type{literal->dtype, literal->shape};
      if (const auto* payload = std::get_if<mil::PayloadPtr>(&binding)) {
        return mil::Type{(*payload)->dtype(), (*payload)->shape()};
      }
      return function.value(std::get<mil::ValueId>(binding)).type;
    }
  }
  return std::nullopt;
}

}  // namespace

void check_constexpr(const mil::Function& function, const mil::Operation& operation, Findings& findings) {
  const auto rule = std::find_if(kConstexprRules.begin(), kConstexprRules.end(),
                                 [&](const ConstexprRule& r) { return r.op == operation.type; });
  mil::Opset opset{};
  if (rule == kConstexprRules.end() || !mil::find_opset(function.opset, &opset)) return;
  const std::string where = fmt::format("function {}: operation {} ({})", printable(function.name),
                                        printable(operation.name), operation.type);
  const bool wants_inputs = opset >= rule->inputs_since;
  if (!(wants_inputs ? operation.attributes : operation.inputs).empty()) {
    findings.add("parameter", where, "got parameters among its {}, want them among its {} in {}",
                 wants_inputs ? "attributes" : "inputs", wants_inputs ? "inputs" : "attributes", function.opset);
  }
  const auto shape = type_of(function, operation, rule->shape_of);
  const auto element = type_of(function, operation, rule->dtype_of);
  if (!shape || !element || operation.outputs.size() != 1) {
    findings.add("parameter", where, "want {}, {} and one result", rule->shape_of, rule->dtype_of);
    return;
  }
  // The older forms with packed bytes give their shape by a parameter.
  if (!wants_inputs && type_of(function, operation, "shape")) return;
  const bool has_vectors = rule->dtype_of == "lut" && !element->shape.empty() && element->shape.back() != 1;
  const mil::Type &got = function.value(operation.outputs.front()).type, want{element->dtype, shape->shape};
  if (got.dtype != want.dtype || (!has_vectors && got.shape != want.shape)) {
    findings.add("result-type", where, "got {}, want {}", mil::to_string(got), mil::to_string(want));
  }
}

}  // namespace cortland
