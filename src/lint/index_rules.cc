// Integers: what looks up and cuts at places that the run decides.
#include <algorithm>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/index.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

bool is_early(const Graph& graph, const mil::Operation& operation) {
  return graph.index(operation) < graph.first_computing();
}

void check_gathers(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      if (!is_lookup(operation) || graph.is_constant(operation)) continue;
      const auto gather = graph.as<mil::Gather>(operation);
      if (!is_early(graph, operation)) {
        report.add(graph, operation, "looks up in the middle of the graph");
      } else if (gather && !graph.is_constant(gather->x.id)) {
        report.add(graph, operation, "looks up in {}, which is no constant", graph.value(gather->x.id).name);
      }
    }
  }
}

void check_tables(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto gather = graph.as<mil::Gather>(operation);
      if (!gather || graph.is_constant(operation) || !graph.is_constant(gather->x.id) || !is_early(graph, operation)) {
        continue;
      }
      report.add(graph, operation, "{} with {} indices from a table of {}", graph.value(gather->indices.id).name,
                 name_of(graph.type(gather->indices.id).dtype), to_string(graph.shape(gather->x.id)));
    }
  }
}

void check_integers(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (size_t i = graph.first_computing(); i < graph.operations().size(); ++i) {
      const mil::Operation& operation = graph.operations()[i];
      if (graph.is_constant(operation) || operation.outputs.empty()) continue;
      const DType dtype = graph.type(operation.outputs.front()).dtype;
      if (dtype == DType::i32 || dtype == DType::i64) {
        report.add(graph, operation, "computes {} after {}", to_string(graph.type(operation.outputs.front())),
                   graph.operations()[graph.first_computing()].name);
      }
    }
  }
}

// Of a state that is read before and written after.
bool is_state_update(const Graph& graph, const mil::Operation& operation, const mil::SliceUpdate& update) {
  const auto& users = graph.users(Graph::result(operation));
  return graph.made_by<mil::ReadState>(update.x.id) &&
         std::any_of(users.begin(), users.end(),
                     [](const mil::Operation* user) { return mil::is<mil::WriteState>(*user); });
}

void check_slices(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    const auto add = [&](const mil::Operation& operation, const mil::Ints& place) {
      if (place.is_constant() || graph.is_constant(place.value.id)) return;
      report.add(graph, operation, "begins or ends at {}, which the run decides", graph.value(place.value.id).name);
    };
    for (const mil::Operation& operation : graph.operations()) {
      if (const auto slice = graph.as<mil::SliceByIndex>(operation)) {
        add(operation, slice->begin.is_constant() ? slice->end : slice->begin);
      }
      if (const auto slice = graph.as<mil::SliceBySize>(operation)) add(operation, slice->begin);
      if (const auto update = graph.as<mil::SliceUpdate>(operation);
          update && !is_state_update(graph, operation, *update)) {
        add(operation, update->begin);
      }
    }
  }
}

void check_far_slices(const Subject& subject, Report& report) {
  if (subject.chip() != nullptr && !subject.chip()->saturates_far_slices) return;
  for (const Graph& graph : subject.graphs()) {
    const auto add = [&](const mil::Operation& operation, const mil::Ints& begin) {
      if (!begin.is_constant() || begin.literal.empty() || begin.literal.back() <= kFarSlice ||
          graph.is_constant(operation)) {
        return;
      }
      report.add(graph, operation, "begins at {} of the last axis; want at most {}", begin.literal.back(), kFarSlice);
    };
    for (const mil::Operation& operation : graph.operations()) {
      if (const auto slice = graph.as<mil::SliceByIndex>(operation)) add(operation, slice->begin);
      if (const auto slice = graph.as<mil::SliceBySize>(operation)) add(operation, slice->begin);
    }
  }
}

constexpr Rule kIndexRules[] = {
    {"L11", Severity::error, Scope::ane, "Lookups take constant tables and come before everything that computes",
     "A lookup runs on the CPU; in the middle of the graph that is two hand-overs in every call",
     "Look up at the beginning, or multiply with a one-hot row", "ANM-MIL, IRM", Confidence::measured, check_gathers},
    {"L43", Severity::warning, Scope::ane, "No table is looked up inside a function",
     "The lookup runs on the CPU. At the beginning of a function that is one hand-over, which is allowed (L11) and not free",
     "Look it up in the app", "ANM", Confidence::measured, check_tables},
    {"L12", Severity::warning, Scope::ane, "Integers are computed before the first floats",
     "Integers are computed on the CPU; islands in the middle cost more than the same operations at the beginning",
     "Compute positions at the beginning of the function", "PROF, ANM-MIL", Confidence::measured, check_integers},
    {"L13", Severity::error, Scope::ane, "Slices are cut at places that are known, but for updates of a state",
     "A slice that begins where the run says runs on the CPU", "Mask instead of cutting, or write to a state",
     "SMP, ANM-MIL", Confidence::measured, check_slices},
    {"L53", Severity::warning, Scope::ane, "Slices of the last axis begin at 4094 or before",
     "Beyond, the A13, A14, M1 and M2 read infinity", "Cut another axis, or split the tensor", "RE",
     Confidence::measured, check_far_slices},
};

}  // namespace

std::span<const Rule> index_rules() { return kIndexRules; }

}  // namespace cortland::lint
