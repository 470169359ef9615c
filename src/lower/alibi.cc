#include "lower/parts.h"
#include "mil/ops/shape.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

// The slope of each row of scores: [1, K', (H/K) * T, 1]; 0 in heads that only pad the cache.
mil::Value add_slopes(Graph& graph, const AttentionSpec& a) {
  const int64_t group = a.heads / a.kv_heads, rows = group * graph.tokens;
  std::vector<float> slopes(static_cast<size_t>(graph.plan.kv_heads * rows), 0.0f);
  for (int64_t head = 0; head < a.heads; ++head) {
    const auto first = slopes.begin() + (head / group * rows + head % group * graph.tokens);
    std::fill(first, first + graph.tokens, static_cast<float>(a.alibi_slopes[static_cast<size_t>(head)]));
  }
  std::vector<std::byte> bytes(slopes.size() * sizeof(uint16_t));
  floats_to_halves(slopes, {reinterpret_cast<uint16_t*>(bytes.data()), slopes.size()});
  return graph.builder.constant("slopes", mil::make_bytes_payload(DType::f16, {1, graph.plan.kv_heads, rows, 1}, std::move(bytes)));
}

}  // namespace

void add_alibi(Graph& graph) {
  const mil::Value bias = graph.multiply("alibi", graph.distance, add_slopes(graph, graph.spec().layers.front().attention));
  for (size_t i = 0; i < graph.masks.size(); ++i) {
    graph.masks[i] = graph.add(graph.plan.masks[i].name + "_alibi", graph.masks[i], bias);
  }
}

}  // namespace cortland
