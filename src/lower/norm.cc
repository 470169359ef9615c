// RMS norm by layer_norm: over x and -x together the mean is 0 and the variance is the mean square of x, so that one
// fused op, which accumulates widely, does what squares in fp16 could not (they overflow beyond 255).
#include <algorithm>

#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/norm.h"

namespace cortland {
namespace {

constexpr double kSmallestHalf = 5.960464477539063e-8;  // 2^-24: a smaller epsilon would vanish

mil::Scalar epsilon_of(const NormSpec& norm) {
  return {static_cast<float>(std::max(norm.epsilon, kSmallestHalf)), DType::f16};
}

// A gain or bias times `scale`, followed by zeros up to `size`; as one of each element of each head: [1, H, 1, E].
mil::Value add_vector(Graph& graph, const std::string& name, const ParameterId& id, double scale, int64_t size) {
  const Binding& binding = graph.weights.binding(id);
  std::vector<float> values = graph.weights.values(id);
  const auto own = static_cast<int64_t>(values.size());
  for (float& value : values) value = static_cast<float>(value * scale);
  Shape shape{std::max(own, size)};
  if (own > size) shape = {1, own / size, 1, size};
  values.resize(static_cast<size_t>(std::max(own, size)), 0.0f);
  graph.report.add_use(binding, name, fmt::format("times {:g}, {}fp16 {}", scale, size > own ? "then as many zeros, " : "", to_string(shape)));
  return graph.builder.constant(name, make_half_payload(shape, std::move(values), binding, graph.report));
}

}  // namespace

mil::Value lower_norm(Graph& graph, std::string_view name, mil::Value x, size_t axis, const NormSpec& norm, Role role,
                      int64_t layer, double scale) {
  const std::string base(name);
  const int64_t n = graph.builder.type(x).shape[axis];
  const ParameterId gain{role, layer}, bias{role, layer, Part::bias};
  const bool has_gain = graph.weights.has(gain), has_bias = graph.weights.has(bias);
  // Heads with gains of their own get them behind the norm, which knows only one for all.
  const bool by_head = has_gain && element_count(graph.weights.binding(gain).parameter->shape) != n;
  const int64_t size = norm.kind == NormKind::rms ? 2 * n : n;
  mil::LayerNorm op{.x = x, .axes = {static_cast<int32_t>(axis)}, .epsilon = epsilon_of(norm)};
  if (has_gain && !by_head) op.gamma = add_vector(graph, base + "_gain", gain, scale, size);
  if (has_bias && !by_head) op.beta = add_vector(graph, base + "_bias", bias, scale, size);
  const bool is_last = !by_head && (has_gain || scale == 1);
  mil::Value y;
  if (norm.kind == NormKind::rms) {
    const mil::Value mirrored = graph.multiply(base + "_mirrored", x, graph.minus_one);
    op.x = graph.concat(base + "_both", {x, mirrored}, static_cast<int32_t>(axis));
    const mil::Value doubled = graph.builder.add(base + "_double", op);
    y = graph.slice(is_last ? base : base + "_normed", doubled, axis, 0, n);
  } else {
    y = graph.builder.add(is_last ? base : base + "_normed", op);
  }
  if (is_last) return y;
  const mil::Value factor = by_head ? add_vector(graph, base + "_gain", gain, scale, n) : graph.number(base + "_scale", scale);
  return graph.multiply(base, y, factor);
}

}  // namespace cortland
