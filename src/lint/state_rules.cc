// States: their number and shape, and the one pattern of writing that stays on the Neural Engine.
#include <algorithm>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

constexpr size_t kMaxStateRank = 5;
constexpr int64_t kStateRow = 32;

void check_state_types(const Subject& subject, Report& report) {
  for (const auto& [name, type] : subject.states()) {
    if (type.dtype != DType::f16 || !is_fixed(type.shape) || type.shape.empty() || type.shape.size() > kMaxStateRank) {
      report.add_package("state {} is {}; want fp16 of a fixed shape with at most {} axes", name, to_string(type),
                         kMaxStateRank);
    }
  }
}

void check_state_count(const Subject& subject, Report& report) {
  // Of one function: those for other contexts have states of their own.
  size_t count = 0;
  for (const Graph& graph : subject.graphs()) {
    const std::vector<mil::ValueId>& inputs = graph.function().inputs;
    const auto is_state = [&](mil::ValueId id) { return graph.type(id).is_state; };
    count = std::max(count, static_cast<size_t>(std::count_if(inputs.begin(), inputs.end(), is_state)));
  }
  if (count > 2) report.add_package("{} states; want one", count);
  if (count == 2) report.milder(Severity::warning).add_package("2 states; want one");
}

void check_state_sides(const Subject& subject, Report& report) {
  const auto is_power = [](int64_t side) { return side > 0 && (side & (side - 1)) == 0; };
  for (const auto& [name, type] : subject.states()) {
    if (type.shape.empty() || !is_fixed(type.shape)) continue;
    if (!std::all_of(type.shape.begin() + 1, type.shape.end(), is_power) || type.shape.back() % kStateRow != 0) {
      report.add_package("state {} is {}; want powers of two behind the first axis, and a multiple of {} last", name,
                         to_string(type), kStateRow);
    }
  }
}

bool changes_axes(const mil::Operation* operation) {
  return operation != nullptr && (mil::is<mil::Reshape>(*operation) || mil::is<mil::Transpose>(*operation) ||
                                  mil::is<mil::ExpandDims>(*operation) || mil::is<mil::Squeeze>(*operation));
}

template <typename Check>
void for_each_write(const Subject& subject, const Check& check) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      if (const auto write = graph.as<mil::WriteState>(operation)) check(graph, operation, *write);
    }
  }
}

void check_writes(const Subject& subject, Report& report) {
  for_each_write(subject, [&](const Graph& graph, const mil::Operation& operation, const mil::WriteState& write) {
    if (changes_axes(graph.producer(write.data.id))) return;  // L23
    const auto update = graph.made_by<mil::SliceUpdate>(write.data.id);
    if (!update) {
      report.add(graph, operation, "writes {}, which is no slice_update", graph.title(write.data.id));
    } else if (graph.users(write.data.id).size() > 1 || graph.is_output(write.data.id)) {
      report.add(graph, operation, "{} has other users than the write; they must read the state again",
                 graph.title(write.data.id));
    } else if (!changes_axes(graph.producer(update->x.id)) && !graph.made_by<mil::ReadState>(update->x.id)) {
      report.add(graph, operation, "{} does not change what read_state gave", graph.title(write.data.id));
    }
  });
}

void check_write_shapes(const Subject& subject, Report& report) {
  for_each_write(subject, [&](const Graph& graph, const mil::Operation& operation, const mil::WriteState& write) {
    const auto update = graph.made_by<mil::SliceUpdate>(write.data.id);
    if (changes_axes(graph.producer(write.data.id))) {
      report.add(graph, operation, "{} lies between update and write", graph.title(write.data.id));
    } else if (update && changes_axes(graph.producer(update->x.id))) {
      report.add(graph, operation, "{} lies between read and update", graph.title(update->x.id));
    }
  });
}

constexpr Rule kStateRules[] = {
    {"L19", Severity::error, Scope::any, "States are fp16, of a fixed shape with at most 5 axes",
     "The format has no others", "Keep other types as inputs and outputs", "CT", Confidence::documented,
     check_state_types},
    {"L20", Severity::error, Scope::ane, "There is one state",
     "Two failed on some systems, more fail at the first prediction or do not compile",
     "Stack keys and values of all layers in one", "CML, SqB", Confidence::measured, check_state_count},
    {"L21", Severity::error, Scope::ane,
     "Sides of states are powers of two behind the first axis, the last a multiple of 32", "Others do not compile",
     "Pad them with zeros", "SqB, ct#2631", Confidence::measured, check_state_sides},
    {"L22", Severity::error, Scope::ane,
     "A write takes a slice_update of what read_state gave, and nothing else uses the update",
     "The update is then one of its own and runs on the CPU",
     "read_state, slice_update, write_state; read again for what follows", "ANM-MIL, CT", Confidence::documented,
     check_writes},
    {"L23", Severity::error, Scope::ane, "Nothing changes the axes of a state between read, update and write",
     "The package does not load: an input with the name of the state is missed",
     "Give the update the axes of the state instead", "ct#2278", Confidence::measured, check_write_shapes},
};

}  // namespace

std::span<const Rule> state_rules() { return kStateRules; }

}  // namespace cortland::lint
