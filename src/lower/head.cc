#include "lower/parts.h"

namespace cortland {

mil::Value lower_head(Graph& graph, mil::Value x) {
  const Role role = graph.spec().tied_head ? Role::embedding : Role::head;
  std::vector<mil::Value> parts;
  int64_t first = 0;
  for (const int64_t rows : graph.plan.head_shards) {
    const std::string name = fmt::format("head_{}", parts.size());
    const mil::Value channels = graph.linear(name, x, role, -1, {.first_row = first, .rows = rows});
    // The vocabulary goes to the last axis: a last axis of 1 would be stored 32 times as large.
    parts.push_back(graph.reshape(name + "_logits", channels, {1, 1, rows}));
    first += rows;
  }
  return parts.size() == 1 ? parts.front() : graph.concat("head_logits", parts, 2);
}

}  // namespace cortland
