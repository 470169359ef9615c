#include "lower/parts.h"
#include "mil/ops/shape.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

mil::Value add_halves(Graph& graph, const std::string& name, Shape shape, const std::vector<float>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(uint16_t));
  floats_to_halves(values, {reinterpret_cast<uint16_t*>(bytes.data()), values.size()});
  return graph.builder.constant(name, mil::make_bytes_payload(DType::f16, std::move(shape), std::move(bytes)));
}

// T known: the slope of each row of scores, [1, K', (H/K) * T, 1], 0 in heads that only pad the cache; times the
// distance, which has these rows too.
mil::Value add_bias(Graph& graph, const AttentionSpec& a) {
  const int64_t group = a.heads / a.kv_heads, rows = group * graph.tokens;
  std::vector<float> slopes(static_cast<size_t>(graph.plan.kv_heads * rows), 0.0f);
  for (int64_t head = 0; head < a.heads; ++head) {
    const auto first = slopes.begin() + (head / group * rows + head % group * graph.tokens);
    std::fill(first, first + graph.tokens, static_cast<float>(a.alibi_slopes[static_cast<size_t>(head)]));
  }
  return graph.multiply("alibi", graph.distance,
                        add_halves(graph, "slopes", {1, graph.plan.kv_heads, rows, 1}, slopes));
}

// T unknown: T rows for each query of a group, [1, K, T, k], joined.
mil::Value add_flexible_bias(Graph& graph, const AttentionSpec& a) {
  const int64_t group = a.heads / a.kv_heads;
  std::vector<mil::Value> parts;
  for (int64_t i = 0; i < group; ++i) {
    std::vector<float> slopes;
    for (int64_t head = i; head < a.heads; head += group) {
      slopes.push_back(static_cast<float>(a.alibi_slopes[static_cast<size_t>(head)]));
    }
    const std::string number = group == 1 ? "" : fmt::format("_{}", i);
    const mil::Value column = add_halves(graph, "slopes" + number, {1, a.kv_heads, 1, 1}, slopes);
    parts.push_back(graph.multiply("alibi" + number, graph.distance, column));
  }
  return group == 1 ? parts.front() : graph.concat("alibi", parts, 2);
}

}  // namespace

void add_alibi(Graph& graph) {
  const AttentionSpec& a = graph.spec().layers.front().attention;
  const mil::Value bias = graph.tokens == kUnknown ? add_flexible_bias(graph, a) : add_bias(graph, a);
  for (size_t i = 0; i < graph.masks.size(); ++i) {
    if (!graph.masks[i]) continue;
    graph.masks[i] = graph.add(graph.plan.masks[i].name + "_alibi", graph.masks[i], bias);
  }
}

}  // namespace cortland
