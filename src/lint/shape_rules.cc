// What the Neural Engine asks of the shapes inside.
#include <algorithm>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/constant.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"

namespace cortland::lint {
namespace {

constexpr size_t kMaxRank = 5, kMaxChoices = 128;
constexpr uint64_t kNarrowBytes = 64 << 10;
constexpr int64_t kChannelStep = 32;

uint64_t dense_bytes(const mil::Type& type) {
  return is_fixed(type.shape) ? stored_size(static_cast<uint64_t>(element_count(type.shape)), type.dtype) : 0;
}

// Constants of compressed weights have axes for blocks and tables.
bool feeds_compressed_weights(const Graph& graph, mil::ValueId id) {
  const auto& users = graph.users(id);
  return !users.empty() && std::all_of(users.begin(), users.end(), [](const mil::Operation* user) {
    return user->type.starts_with(mil::kConstexprPrefix);
  });
}

void check_rank(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (size_t i = 0; i < graph.function().values.size(); ++i) {
      const auto id = static_cast<mil::ValueId>(i);
      if (graph.shape(id).size() > kMaxRank && !feeds_compressed_weights(graph, id)) {
        report.add(graph, id, "{} has {} axes; want at most {}", to_string(graph.type(id)), graph.shape(id).size(),
                   kMaxRank);
      }
    }
  }
}

void check_static(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId id : graph.function().inputs) {
      if (is_fixed(graph.shape(id))) continue;
      const InputChoices* choices = subject.choices(graph, id);
      if (choices != nullptr && choices->shapes.size() <= kMaxChoices) continue;
      if (choices != nullptr) {
        report.add(graph, id, "{} shapes are listed; want at most {}", choices->shapes.size(), kMaxChoices);
      } else if (const InputRange* range = subject.range(graph, id)) {
        report.add(graph, id, "takes shapes from {} to {}; only {} can run on the Neural Engine",
                   to_string(range->lower), to_string(range->upper), to_string(range->initial));
      } else {
        report.add(graph, id, "{} has an unknown dimension", to_string(graph.type(id)));
      }
    }
    for (const mil::Operation& operation : graph.operations()) {
      const auto ids = graph.operands(operation);
      const auto is_known = [&](mil::ValueId id) { return is_fixed(graph.shape(id)); };
      // Where it begins: the rest follows from it.
      if (!std::all_of(ids.begin(), ids.end(), is_known)) continue;
      if (!std::all_of(operation.outputs.begin(), operation.outputs.end(), is_known)) {
        report.add(graph, operation, "its shape depends on values of the run");
      }
    }
  }
}

void check_last_axis(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      for (const mil::ValueId id : operation.outputs) {
        const mil::Type& type = graph.type(id);
        if (graph.is_constant(id) || graph.is_output(id) || type.shape.empty() || type.shape.back() != 1) continue;
        const uint64_t bytes = dense_bytes(type);
        if (bytes > kNarrowBytes) {
          report.add(graph, id, "{} has a last axis of 1, and its {} kB take {} kB", to_string(type), bytes >> 10,
                     bytes * kChannelStep >> 10);
        }
      }
    }
  }
}

// Values at the end of a function, where the CPU may take over without coming back: parts that are joined, and what
// follows.
std::vector<bool> joined_ends(const Graph& graph) {
  const auto passes = [](const mil::Operation& operation) {
    return is_layout(operation) || mil::is<mil::Mul>(operation) || mil::is<mil::Tanh>(operation);
  };
  std::vector<bool> joined(graph.function().values.size()), ends(joined.size());
  const auto at = [](mil::ValueId id) { return static_cast<size_t>(id); };
  for (const mil::Operation& operation : graph.operations()) {
    const auto ids = graph.operands(operation);
    const bool follows =
        passes(operation) && std::any_of(ids.begin(), ids.end(), [&](mil::ValueId id) { return joined[at(id)]; });
    for (const mil::ValueId id : operation.outputs) joined[at(id)] = follows || mil::is<mil::Concat>(operation);
  }
  for (size_t i = ends.size(); i-- > 0;) {
    const auto id = static_cast<mil::ValueId>(i);
    const auto& users = graph.users(id);
    ends[i] = graph.is_output(id) ||
              (!users.empty() && std::all_of(users.begin(), users.end(), [&](const mil::Operation* user) {
                return passes(*user) && Graph::result(*user) >= 0 && ends[at(Graph::result(*user))];
              }));
  }
  for (size_t i = 0; i < ends.size(); ++i) ends[i] = ends[i] && joined[i];
  return ends;
}

void check_axes(const Subject& subject, Report& report) {
  const int64_t limit = subject.chip() != nullptr ? subject.chip()->axis_limit : kOldAxisLimit;
  const Report warning = report.milder(Severity::warning), note = report.milder(Severity::note);
  for (const Graph& graph : subject.graphs()) {
    const std::vector<bool> ends = joined_ends(graph);
    for (size_t i = 0; i < ends.size(); ++i) {
      const auto id = static_cast<mil::ValueId>(i);
      const Shape& shape = graph.shape(id);
      if (graph.is_constant(id) || graph.type(id).is_state || shape.empty()) continue;
      const int64_t longest = *std::max_element(shape.begin(), shape.end());
      if (longest <= limit) continue;
      if (ends[i]) {
        note.add(graph, id, "{} is joined at the end: the CPU may do that, and there is nothing to change",
                 to_string(graph.type(id)));
        continue;
      }
      const std::string_view who = longest > kAxisLimit        ? "chips"
                                   : subject.chip() != nullptr ? subject.chip()->name
                                                               : "chips up to the A15 and the M2";
      (longest > kAxisLimit ? report : warning)
          .add(graph, id, "{} has an axis of {}; {} take up to {}", to_string(graph.type(id)), longest, who,
               longest > kAxisLimit ? kAxisLimit : limit);
    }
  }
}

void check_channels(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto conv = graph.as<mil::Conv>(operation);
      if (!conv) continue;
      const Shape& weight = graph.shape(conv->weight.id);
      if (weight.size() < 2 || (weight[0] % kChannelStep == 0 && weight[1] % kChannelStep == 0)) continue;
      report.add(graph, operation, "{} output and {} input channels; want multiples of {}", weight[0], weight[1],
                 kChannelStep);
    }
  }
}

constexpr Rule kShapeRules[] = {
    {"L01", Severity::error, Scope::ane, "No tensor has more than 5 axes", "Tensors of a higher rank are refused",
     "Join axes with a reshape, or cut the tensor", "CAI-NE", Confidence::documented, check_rank},
    {"L02", Severity::error, Scope::ane, "Every shape is fixed, or one of at most 128 that are listed",
     "The Neural Engine is compiled for fixed shapes; of a range only the default shape can run there",
     "Make a function for each shape", "CAI-NE, CTdoc", Confidence::documented, check_static},
    {"L06", Severity::warning, Scope::ane, "No large tensor inside has a last axis of 1",
     "The last axis is padded to 64 bytes, which makes an fp16 tensor 32 times as large",
     "Put the tokens or the channels last", "ANE22", Confidence::documented, check_last_axis},
    {"L07", Severity::error, Scope::ane, "No axis is longer than the chip takes",
     "Beyond 65536 no chip takes it, and beyond 16384 those up to the A15 and the M2 do not: the operation runs on the CPU. Where "
     "parts of an output are joined at the end of a function nothing comes after it, and that costs little",
     "Cut the operation into parts; convert: more --head-splits, a smaller --context", "RE, SMP", Confidence::measured,
     check_axes},
    {"L08", Severity::note, Scope::ane, "The channels of convolutions are multiples of 32",
     "Other counts leave lanes of the Neural Engine idle", "Pad the weight with zeros", "IRM", Confidence::measured,
     check_channels},
};

}  // namespace

std::span<const Rule> shape_rules() { return kShapeRules; }

}  // namespace cortland::lint
