#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"

namespace cortland {

mil::Value lower_cap(Graph& graph, const std::string& name, mil::Value x, double cap) {
  const mil::Value part = graph.multiply(name + "_part", x, graph.number(name + "_inverse", 1 / cap));
  const mil::Value bent = graph.builder.add(name + "_bent", mil::Tanh{.x = part});
  return graph.multiply(name, bent, graph.number(name + "_limit", cap));
}

// One-hot row [1, T] times rows [T, D]: all but one of the products are 0, so that the sum is exact in any precision.
mil::Value lower_row(Graph& graph, mil::Value x) {
  const int64_t width = graph.builder.type(x).shape[1];
  const mil::Value columns = graph.reshape("row_columns", x, {1, 1, width, graph.tokens});
  const mil::Value chosen =
      graph.builder.add("row_chosen", mil::Matmul{.x = graph.row, .y = columns, .transpose_y = true});
  return graph.reshape("row_x", chosen, {1, width, 1, 1});
}

mil::Value lower_head(Graph& graph, mil::Value x) {
  const ModelSpec& spec = graph.spec();
  const Role role = spec.tied_head ? Role::embedding : Role::head;
  if (graph.weights.has({Role::head_projection})) x = graph.linear("head_projected", x, Role::head_projection, -1);
  std::vector<mil::Value> parts;
  int64_t first = 0;
  for (const int64_t rows : graph.plan.head_shards) {
    const std::string name = fmt::format("head_{}", parts.size());
    parts.push_back(graph.to_logits(name, graph.linear(name, x, role, -1, {.first_row = first, .rows = rows})));
    first += rows;
  }
  const mil::Value logits = parts.size() == 1 ? parts.front() : graph.concat("head_logits", parts, 2);
  return spec.logit_cap ? lower_cap(graph, "head_capped", logits, *spec.logit_cap) : logits;
}

}  // namespace cortland
