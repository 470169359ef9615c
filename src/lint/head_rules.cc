// The output head, which is wider than everything else.
#include <algorithm>
#include <numeric>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"

namespace cortland::lint {
namespace {

constexpr int64_t kLanes = 64;
constexpr int64_t kVocabulary = 1024;  // narrower outputs are no logits

// The rows of the products that are joined to an output along its last axis, in order; empty for other outputs.
std::vector<int64_t> shards_of(const Graph& graph, mil::ValueId output) {
  const auto follows = [&](const mil::Operation& operation) {
    return is_layout(operation) || mil::is<mil::Mul>(operation) || mil::is<mil::Tanh>(operation);
  };
  std::vector<int64_t> rows;
  graph.walk_back(output, follows, [&](mil::ValueId id) {
    const mil::Operation* operation = graph.producer(id);
    if (operation == nullptr || graph.is_constant(id) || follows(*operation)) return;
    const auto weight = weight_of(graph, *operation);
    const bool is_linear = weight && !mil::is<mil::Matmul>(*operation) && !graph.shape(*weight).empty();
    rows.push_back(is_linear ? graph.shape(*weight)[0] : kUnknown);
  });
  const Shape& shape = graph.shape(output);
  const bool fits = !shape.empty() && std::accumulate(rows.begin(), rows.end(), int64_t{0}) == shape.back();
  return fits ? rows : std::vector<int64_t>{};
}

void check_shards(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId output : graph.function().outputs) {
      const std::vector<int64_t> rows = shards_of(graph, output);
      if (rows.size() < 2) continue;
      const int64_t first = rows.front();
      const bool are_equal =
          std::all_of(rows.begin(), rows.end() - 1, [&](int64_t n) { return n == first; }) && rows.back() <= first;
      if (!are_equal || first % kLanes != 0) {
        report.add(graph, output, "parts of {} rows; want equal multiples of {}, the last may be shorter",
                   fmt::join(rows, ", "), kLanes);
      }
    }
  }
}

void check_headless_prefill(const Subject& subject, Report& report) {
  const auto row_count = [](const Shape& shape) {
    return is_fixed(shape) && !shape.empty() && shape.back() > 0 ? element_count(shape) / shape.back() : 0;
  };
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId id : graph.function().outputs) {
      const Shape& shape = graph.shape(id);
      if (shape.empty() || shape.back() < kVocabulary || row_count(shape) < 2) continue;
      for (const Graph& other : subject.graphs()) {
        const mil::ValueId same = other.function().find_value(graph.value(id).name);
        if (same < 0 || !other.is_output(same) || row_count(other.shape(same)) != 1 ||
            other.shape(same).back() != shape.back()) {
          continue;
        }
        report.add(graph, id, "{} for {} tokens, though {} gives it for one", to_string(graph.type(id)),
                   row_count(shape), other.function().name);
      }
    }
  }
}

constexpr Rule kHeadRules[] = {
    {"L40", Severity::warning, Scope::ane, "Parts of a head are equal, a multiple of 64 rows; the last may be shorter",
     "Other parts leave lanes idle, and the longest one decides", "convert: choose --head-splits, or leave it out",
     "ANM, RE", Confidence::measured, check_shards},
    {"L42", Severity::warning, Scope::ane, "Functions for many tokens have no output head",
     "The head of every prompt token is computed and thrown away, up to a third of the time",
     "Give back the hidden state, and send the last token through the function for one", "CAI-code, SMP",
     Confidence::documented, check_headless_prefill},
};

}  // namespace

std::span<const Rule> head_rules() { return kHeadRules; }

}  // namespace cortland::lint
