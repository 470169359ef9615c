// RMS norm by layer_norm: over x and -x together the mean is 0 and the variance is the mean square of x, so that one
// fused op, which accumulates widely, does what squares in fp16 could not (they overflow beyond 255).
#include <algorithm>
#include <cmath>

#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/norm.h"

namespace cortland {
namespace {

constexpr double kSmallestHalf = 5.960464477539063e-8;  // 2^-24: a smaller epsilon would vanish

}  // namespace

mil::Value lower_norm(Graph& graph, std::string_view name, mil::Value x, size_t axis, const NormSpec& norm, Role gain,
                      int64_t layer, double scale) {
  const std::string base(name);
  const TensorEntry& entry = graph.weights.entry(gain, layer);
  std::vector<float> gamma = read_floats(graph.weights.checkpoint(), entry);
  graph.report.add_use(entry, base + "_gain", fmt::format("times {:g}, then as many zeros, fp16 [{}]", scale, 2 * gamma.size()));
  ConvertStats stats;
  for (float& value : gamma) {
    value = static_cast<float>(value * scale);
    if (std::abs(value) <= kHalfMax) continue;
    stats.merge({.max_abs = std::abs(value), .saturated = 1});
    value = std::copysign(kHalfMax, value);
  }
  graph.report.add(entry.name, stats);
  const auto n = static_cast<int64_t>(gamma.size());
  gamma.resize(2 * gamma.size(), 0.0f);
  const mil::Value mirrored = graph.builder.add(base + "_mirrored", mil::Mul{.x = x, .y = graph.minus_one});
  const mil::Value both = graph.concat(base + "_both", {x, mirrored}, static_cast<int32_t>(axis));
  const mil::Value weight = graph.builder.constant(base + "_gain", make_half_payload({2 * n}, gamma));
  const mil::Value normed = graph.builder.add(
      base + "_double", mil::LayerNorm{.x = both,
                                       .axes = {static_cast<int32_t>(axis)},
                                       .gamma = weight,
                                       .epsilon = {static_cast<float>(std::max(norm.epsilon, kSmallestHalf)), DType::f16}});
  return graph.slice(name, normed, axis, 0, n);
}

}  // namespace cortland
