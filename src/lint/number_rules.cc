// Types and values of numbers: what fp16 holds, and what leaves it.
#include <cmath>
#include <limits>

#include "lint/foreign_ops.h"
#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/constant.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/reduce.h"
#include "tensor/tensor.h"

namespace cortland::lint {
namespace {

constexpr uint64_t kReadBytes = 1 << 20;  // larger constants are weights, which lint does not read
constexpr float kLowestMask = -4e4f;

void check_wide_floats(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      for (const mil::ValueId id : operation.outputs) {
        const DType dtype = graph.type(id).dtype;
        if (!is_float(dtype) || dtype == DType::f16 || graph.is_output(id)) continue;
        report.add(graph, id, "computes {}", to_string(graph.type(id)));
      }
    }
  }
}

// The numbers of an fp16 or fp32 constant that can be had without reading weights; empty for others.
std::vector<float> small_constant(const mil::Operation& operation) {
  if (!mil::is<mil::Const>(operation) || operation.attributes.empty() ||
      operation.attributes.front().bindings.empty()) {
    return {};
  }
  const auto readable = [](DType dtype) { return dtype == DType::f16 || dtype == DType::f32; };
  const auto listed = [](const Tensor& tensor) {
    const Floats values = tensor.floats();
    return std::vector<float>(values.span().begin(), values.span().end());
  };
  const mil::Binding& value = operation.attributes.front().bindings.front();
  if (const auto* literal = std::get_if<mil::Literal>(&value)) {
    return readable(literal->dtype) ? listed(literal->tensor()) : std::vector<float>();
  }
  const auto* payload = std::get_if<mil::PayloadPtr>(&value);
  if (payload == nullptr || !readable((*payload)->dtype())) return {};
  const std::span<const std::byte> bytes = (*payload)->view();
  if (bytes.empty() || bytes.size() > kReadBytes) return {};
  return listed(Tensor::of_stored((*payload)->dtype(), (*payload)->shape(), bytes, *payload));
}

void check_finite(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const std::vector<float> values = small_constant(operation);
      for (size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i]) || values[i] == -std::numeric_limits<float>::infinity()) continue;
        report.add(graph, operation, "element {} is {}", i, values[i]);
        break;
      }
    }
  }
}

void check_mask_values(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const std::vector<float> values = small_constant(operation);
      for (size_t i = 0; i < values.size(); ++i) {
        if (!(values[i] < kLowestMask)) continue;
        report.add(graph, operation, "element {} is {}; want {:g} or more", i, values[i], kLowestMask);
        break;
      }
    }
  }
  if (!subject.contract() || subject.contract()->masks.empty()) return;
  // Of a higher value a contract is none.
  if (const double value = subject.contract()->mask_value; value < double{kLowestMask}) {
    report.add_package("the contract asks hosts for masks of {:g}; want {:g} or more", value, kLowestMask);
  }
}

bool computes_angles(const mil::Operation& operation) {
  return is_layout(operation) || mil::is<mil::Cast>(operation) || mil::is<mil::Add>(operation) ||
         mil::is<mil::Sub>(operation) || mil::is<mil::Mul>(operation) || mil::is<mil::RealDiv>(operation) ||
         mil::is<mil::Matmul>(operation);
}

// Integers that became fp16 numbers.
bool is_rounded_position(const Graph& graph, mil::ValueId id) {
  if (graph.is_constant(id) || graph.type(id).dtype != DType::f16) return false;
  const auto cast = graph.made_by<mil::Cast>(id);
  return cast && !is_float(graph.type(cast->x.id).dtype);
}

void check_angles(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      if (operation.type != kSin && operation.type != kCos) continue;
      for (const mil::ValueId id : graph.operands(operation)) {
        if (graph.type(id).dtype != DType::f16) continue;
        if (graph.reaches(id, computes_angles, [&](mil::ValueId at) { return is_rounded_position(graph, at); })) {
          report.add(graph, operation, "its angle is computed in fp16 from an integer");
        }
      }
    }
  }
}

// Of "x * x" and its other spellings, x; -1 for what is no square.
mil::ValueId squared_value(const Graph& graph, mil::ValueId id) {
  const mil::Operation* operation = graph.producer(id);
  if (operation == nullptr) return -1;
  if (const auto product = graph.as<mil::Mul>(*operation)) return product->x == product->y ? product->x.id : -1;
  const bool is_power = operation->type == kSquare || operation->type == kPow;
  const auto ids = graph.operands(*operation);
  return is_power && !ids.empty() ? ids.front() : -1;
}

// Divided by its own largest value before.
bool is_bounded(const Graph& graph, mil::ValueId id) {
  const auto passes = [](const mil::Operation& operation) {
    return is_layout(operation) || mil::is<mil::RealDiv>(operation) || mil::is<mil::Mul>(operation) ||
           mil::is<mil::Maximum>(operation) || mil::is<mil::Clip>(operation);
  };
  const auto is_largest = [&](mil::ValueId at) {
    const mil::Operation* operation = graph.producer(at);
    return operation != nullptr && operation->type == kReduceMax;
  };
  return graph.reaches(id, passes, is_largest);
}

void check_norms(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto mean = graph.as<mil::ReduceMean>(operation);
      if (!mean || graph.type(mean->x.id).dtype != DType::f16) continue;
      const mil::ValueId x = squared_value(graph, mean->x.id);
      if (x < 0 || is_bounded(graph, x)) continue;
      report.add(graph, operation, "the mean of the squares of {}", graph.value(x).name);
    }
  }
}

constexpr Rule kNumberRules[] = {
    {"L03", Severity::error, Scope::ane, "Nothing but outputs is computed in fp32",
     "Every operation on fp32 leaves the Neural Engine: two of them once took a graph from 1 to 13 regions",
     "Compute in fp16", "CAI-NE, ZOO", Confidence::documented, check_wide_floats},
    {"L16", Severity::warning, Scope::ane, "Norms are fused, or scale their input before they square it",
     "Squares overflow fp16 beyond 255, and a norm spelled out may run on the CPU where the fused one does not",
     "Use layer_norm; for an RMS norm over x and -x together", "ANM, PLACE", Confidence::measured, check_norms},
    {"L17", Severity::warning, Scope::ane, "Masks are finite, from -4e4 to -1e4",
     "A row of -infinity alone gives NaN, and values beyond overflow when scores are added", "Mask with -1e4", "CAI-NE",
     Confidence::documented, check_mask_values},
    {"L18", Severity::error, Scope::any, "No constant is NaN or infinite, but for -infinity in masks (L17)",
     "It spreads to everything that is computed from it", "Find where the weight comes from", "ORI",
     Confidence::derived, check_finite},
    {"L46", Severity::error, Scope::any, "Angles are not computed from positions in fp16",
     "fp16 has no odd integers beyond 2048: rotations of long contexts are wrong",
     "Pass cos and sin as inputs, computed in fp32", "X", Confidence::derived, check_angles},
};

}  // namespace

std::span<const Rule> number_rules() { return kNumberRules; }

}  // namespace cortland::lint
