#include "lower/parts.h"
#include "mil/ops/index.h"
#include "mil/ops/shape.h"

namespace cortland {

mil::Value lower_embedding(Graph& graph) {
  const TensorEntry& entry = graph.weights.entry(Role::embedding);
  graph.report.add_use(entry, "embedding_weight", "fp16 " + to_string(entry.shape));
  const mil::Value table = graph.builder.constant(
      "embedding_weight",
      make_weight_payload(graph.weights.checkpoint(), entry, {}, entry.shape, graph.report));
  const mil::Value rows = graph.builder.add("embedding", mil::Gather{.x = table, .indices = graph.ids});  // [1, T, D]
  const mil::Value channels = graph.transpose("embedding_channels", rows, {0, 2, 1});                     // [1, D, T]
  return graph.builder.add("embedding_x", mil::ExpandDims{.x = channels, .axes = {2}});
}

}  // namespace cortland
