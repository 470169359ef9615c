// Operations that leave the Neural Engine wherever they stand.
#include <algorithm>

#include "lint/foreign_ops.h"
#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/constant.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/state.h"
#include "mil/verify.h"

namespace cortland::lint {
namespace {

constexpr int32_t kDepthwiseGroups = 256;

template <typename Check>
void for_each_operation(const Subject& subject, const Check& check) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) check(graph, operation);
  }
}

void check_products(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (!mil::is<mil::Matmul>(operation) || graph.is_constant(operation)) return;
    const auto weight = weight_of(graph, operation);
    if (!weight) return;
    report.add(graph, operation, "multiplies with the constant {} {}", graph.value(*weight).name,
               to_string(graph.type(*weight)));
  });
}

void check_cpu_ops(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (is_one_of(kCpuOps, operation) && !graph.is_constant(operation)) {
      report.add(graph, operation, "runs on the CPU{}", operation.has_blocks ? "; what is inside is not judged" : "");
    }
  });
}

void check_powers(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (operation.type == kPow && !graph.is_constant(operation)) report.add(graph, operation, "is a power");
  });
}

void check_epsilons(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    const bool wants = mil::is<mil::Rsqrt>(operation) || operation.type == kLog || operation.type == kInverse;
    if (wants && !is_parameter_given(operation, "epsilon")) report.add(graph, operation, "has no epsilon");
  });
}

void check_quantizing(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (is_one_of(kQuantizingOps, operation) && !graph.is_constant(operation)) {
      report.add(graph, operation, "works on values of the run");
    }
  });
}

void check_names_and_uses(const Subject& subject, Report& report) {
  for (const mil::Finding& finding : mil::verify(subject.package().program)) {
    if (finding.rule == "name-duplicate" || finding.rule == "operand") {
      report.add_package("{}: {}", finding.where, finding.message);
    }
  }
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (graph.has_blocks()) return;  // what is inside may use it
    const bool is_used = std::any_of(operation.outputs.begin(), operation.outputs.end(),
                                     [&](mil::ValueId id) { return !graph.users(id).empty() || graph.is_output(id); });
    if (!is_used && !mil::is<mil::WriteState>(operation)) report.add(graph, operation, "nothing uses its result");
  });
}

void check_groups(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    const auto conv = graph.as<mil::Conv>(operation);
    if (conv && conv->groups > kDepthwiseGroups) {
      report.add(graph, operation, "{} groups; want at most {}", conv->groups, kDepthwiseGroups);
    }
  });
}

void check_refused_ops(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (is_one_of(kRefusedOps, operation) && !graph.is_constant(operation)) {
      report.add(graph, operation, "may not stay");
    }
  });
}

// Whether an operand is one that constants are made for.
bool takes_weights(const Graph& graph, const mil::Operation& user, mil::ValueId weight) {
  if (user.type.starts_with(mil::kConstexprPrefix)) return true;
  if (const auto gather = graph.as<mil::Gather>(user)) return gather->x.id == weight;
  if (const auto conv = graph.as<mil::Conv>(user)) return conv->x.id != weight;
  if (const auto linear = graph.as<mil::Linear>(user)) return linear->x.id != weight;
  return mil::is<mil::Matmul>(user);
}

void check_compressed_operands(const Subject& subject, Report& report) {
  for_each_operation(subject, [&](const Graph& graph, const mil::Operation& operation) {
    if (!operation.type.starts_with(mil::kConstexprPrefix)) return;
    const mil::ValueId weight = Graph::result(operation);
    if (weight < 0) return;
    for (const mil::Operation* user : graph.users(weight)) {
      if (!takes_weights(graph, *user, weight)) {
        report.add(graph, operation, "{} uses it as it would a value of the run", graph.title(*user));
      }
    }
  });
}

constexpr Rule kOperationRules[] = {
    {"L09", Severity::warning, Scope::ane, "Weights are those of 1x1 convolutions or of linear",
     "A product with a constant as its operand is not the fast path", "Use conv, or linear", "CAI-NE",
     Confidence::documented, check_products},
    {"L10", Severity::error, Scope::ane,
     "No scatter, topk, argmax, cumsum, sorting, control flow, recurrence or random numbers",
     "They run on the CPU, and what follows waits for both hand-overs",
     "Do it in the app, or write it with products and selects", "IRM, MEAS", Confidence::measured, check_cpu_ops},
    {"L14", Severity::warning, Scope::ane, "Nothing is raised to a power",
     "Older systems compute powers on the CPU, and fusions do not recognise them",
     "Write a square as a product of x with itself", "SqB, IRM", Confidence::measured, check_powers},
    {"L15", Severity::error, Scope::ane, "rsqrt, log and inverse have an epsilon", "Without it they are refused",
     "Write the default out", "IRM", Confidence::measured, check_epsilons},
    {"L31", Severity::error, Scope::ane, "Values of the run are neither quantized nor dequantized",
     "Such graphs do not compile on an iPhone", "Quantize weights only", "CML", Confidence::measured, check_quantizing},
    {"L49", Severity::error, Scope::any,
     "Names are unique, values are defined before their use, and every result is used",
     "Compilers refuse the program, or what they drop takes a name with it", "Remove what nothing uses", "IRM, CT",
     Confidence::documented, check_names_and_uses},
    {"L52", Severity::warning, Scope::ane, "Convolutions have at most 256 groups",
     "Depthwise convolutions of many channels run on the CPU, some 5 ms each", "Write them as shifted products", "CML",
     Confidence::measured, check_groups},
    {"L55", Severity::note, Scope::ane, "No mod, sines, cosines, logic, pooling, product of all, or batch_norm",
     "A compiler for the Neural Engine other than Core ML's refuses them; Core ML may rewrite some",
     "Use tables, select, or multiply", "IRM", Confidence::measured, check_refused_ops},
    {"L58", Severity::warning, Scope::ane, "Compressed weights feed operations that take weights",
     "Elsewhere they are expanded into a tensor of the run", "Leave such constants in fp16", "CT", Confidence::derived,
     check_compressed_operands},
};

}  // namespace

std::span<const Rule> operation_rules() { return kOperationRules; }

}  // namespace cortland::lint
