// What goes in and comes out.
#include <algorithm>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/norm.h"

namespace cortland::lint {
namespace {

constexpr int64_t kRow = 32;            // fp16 numbers of 64 bytes
constexpr int64_t kWideOutput = 1024;  // a vocabulary, not a head

std::vector<mil::ValueId> borders(const Graph& graph) {
  std::vector<mil::ValueId> ids;
  for (const mil::ValueId id : graph.function().inputs) {
    if (!graph.type(id).is_state) ids.push_back(id);
  }
  ids.insert(ids.end(), graph.function().outputs.begin(), graph.function().outputs.end());
  return ids;
}

// Whether integers become floats at once.
bool is_cast_to_float(const Graph& graph, mil::ValueId input) {
  const auto& users = graph.users(input);
  return std::any_of(users.begin(), users.end(), [&](const mil::Operation* user) {
    return mil::is<mil::Cast>(*user) && !user->outputs.empty() && is_float(graph.type(Graph::result(*user)).dtype);
  });
}

void check_border_types(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId id : borders(graph)) {
      const mil::Type& type = graph.type(id);
      if (type.dtype == DType::f16) continue;
      // Ids and positions have no other type.
      if (graph.producer(id) == nullptr && type.dtype == DType::i32 && !is_cast_to_float(graph, id)) continue;
      report.add(graph, id, "got {}, want fp16{}", to_string(type),
                 graph.producer(id) == nullptr ? ", or int32 for ids and positions" : "");
    }
  }
}

void check_border_rows(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId id : borders(graph)) {
      const mil::Type& type = graph.type(id);
      if (!is_float(type.dtype) || !is_fixed(type.shape) || type.shape.empty()) continue;
      if (type.shape.back() < kRow && element_count(type.shape) > 1) {
        report.add(graph, id, "{}: rows of {} are padded to {}", to_string(type), type.shape.back(), kRow);
      }
    }
  }
}

void check_output_axis(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId id : graph.function().outputs) {
      const Shape& shape = graph.shape(id);
      if (shape.empty()) continue;
      const auto widest = std::max_element(shape.begin(), shape.end());
      if (*widest >= kWideOutput && widest + 1 != shape.end() && shape.back() != *widest) {
        report.add(graph, id, "{}: its widest axis is not the last", to_string(graph.type(id)));
      }
    }
  }
}

// The input that a mask comes from, by way of casts and copies; -1 when it is computed.
mil::ValueId source_input(const Graph& graph, mil::ValueId id) {
  mil::ValueId input = -1;
  bool is_computed = false;
  const auto passes = [](const mil::Operation& operation) {
    return is_layout(operation) || mil::is<mil::Cast>(operation);
  };
  graph.walk_back(id, passes, [&](mil::ValueId at) {
    const mil::Operation* operation = graph.producer(at);
    if (operation == nullptr) input = at;
    is_computed = is_computed || (operation != nullptr && !passes(*operation) && !graph.is_constant(at));
  });
  return is_computed ? -1 : input;
}

bool is_mask_shape(const Shape& shape, int64_t slots) {
  if (shape.size() != 4 || shape[0] != 1) return false;
  return (shape[1] == 1 && shape[3] == slots) || (shape[2] == 1 && shape[1] == slots);
}

void check_masks(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    std::vector<mil::ValueId> seen;
    for (const mil::Operation& operation : graph.operations()) {
      const auto softmax = graph.as<mil::Softmax>(operation);
      const auto sum = softmax ? graph.made_by<mil::Add>(softmax->x.id) : std::nullopt;
      if (!sum) continue;
      const Shape& scores = graph.shape(softmax->x.id);
      const size_t axis =
          static_cast<size_t>(softmax->axis < 0 ? softmax->axis + static_cast<int32_t>(scores.size()) : softmax->axis);
      for (const mil::ValueId part : {sum->x.id, sum->y.id}) {
        const mil::ValueId mask = source_input(graph, part);
        if (mask < 0 || axis >= scores.size() || std::find(seen.begin(), seen.end(), mask) != seen.end()) continue;
        seen.push_back(mask);
        const mil::Type& type = graph.type(mask);
        if (type.dtype != DType::f16 || !is_mask_shape(type.shape, scores[axis])) {
          report.add(graph, mask, "got {} for scores {}, want fp16 [1, 1, T, {}] or [1, {}, 1, T]", to_string(type),
                     to_string(scores), scores[axis], scores[axis]);
        }
      }
    }
  }
}

// The inputs of a function by how their shapes are told; -1: none is such.
struct ShapeKinds {
  mil::ValueId fixed = -1, ranged = -1, listed = -1;
  bool has_state = false;
};

ShapeKinds shape_kinds(const Subject& subject, const Graph& graph) {
  ShapeKinds kinds;
  for (const mil::ValueId id : graph.function().inputs) {
    if (graph.type(id).is_state) {
      kinds.has_state = true;
      continue;
    }
    const bool is_listed = subject.choices(graph, id) != nullptr;
    const bool is_ranged = subject.range(graph, id) != nullptr || (!is_listed && !is_fixed(graph.shape(id)));
    mil::ValueId& first = is_listed ? kinds.listed : is_ranged ? kinds.ranged : kinds.fixed;
    if (first < 0) first = id;
  }
  return kinds;
}

void check_mixed_shapes(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    const ShapeKinds kinds = shape_kinds(subject, graph);
    if (kinds.ranged < 0) continue;
    const std::string& ranged = graph.value(kinds.ranged).name;
    if (kinds.listed >= 0) {
      report.add(graph, kinds.listed, "lists its shapes, and {} has a range", ranged);
    } else if (kinds.fixed >= 0 && kinds.has_state) {
      report.add(graph, kinds.fixed, "{} is fixed, {} has a range, and the function has a state",
                 to_string(graph.type(kinds.fixed)), ranged);
    }
  }
}

constexpr Rule kInterfaceRules[] = {
    {"L04", Severity::warning, Scope::ane, "Inputs and outputs are fp16; ids and positions are int32",
     "Other types are cast on the CPU in every call", "Declare them as fp16", "ANM-MIL, IRM", Confidence::measured,
     check_border_types},
    {"L05", Severity::warning, Scope::ane, "The last axis of inputs and outputs has 32 numbers or more",
     "Rows are padded to 64 bytes, and the copies with them", "Put the longest axis last", "CAI-NE",
     Confidence::documented, check_border_rows},
    {"L41", Severity::warning, Scope::ane, "Wide outputs have their widest axis last",
     "Otherwise every number of the vocabulary lies in a row of its own", "Transpose before the output", "CAI-NE",
     Confidence::derived, check_output_axis},
    {"L44", Severity::error, Scope::ane, "Masks are fp16 [1, 1, T, S] or [1, S, 1, T] for T tokens and S slots",
     "Another mask is broadcast to something else, or cast in the middle of the graph",
     "Pass the mask in one of these forms", "ANE22, CAI-NE, ANM, CML", Confidence::derived, check_masks},
    {"L59", Severity::error, Scope::any,
     "No function has ranges beside listed shapes, nor, with a state, beside fixed shapes",
     "Core ML takes fixed inputs for listed ones there, and ends the process when it loads such a model",
     "Give every input a range, if need be of one size more than it takes, or make a function for each shape", "ct#2548",
     Confidence::measured, check_mixed_shapes},
};

}  // namespace

std::span<const Rule> interface_rules() { return kInterfaceRules; }

}  // namespace cortland::lint
