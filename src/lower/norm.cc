// Squares in fp16 overflow beyond 255.
//
// Channels first: RMS norm by layer_norm, over x and -x together: the mean is 0 and the variance is the mean square of
// x, so that one fused op does it, which accumulates widely on the Neural Engine. Token major: in fp32, which a GPU
// computes as well; gain and bias follow in fp16.
#include <algorithm>
#include <limits>

#include "lower/parts.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/norm.h"
#include "mil/ops/reduce.h"

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
  const Folds* folds = graph.plan.tuning == nullptr ? nullptr : graph.plan.tuning->folds.get();
  const std::span<const float> factors = folds == nullptr ? std::span<const float>() : folds->rows(id);
  for (size_t i = 0; i < factors.size(); ++i) values[i] *= factors[i];
  for (float& value : values) value = static_cast<float>(value * scale);
  Shape shape{std::max(own, size)};
  if (own > size) shape = {1, own / size, 1, size};
  values.resize(static_cast<size_t>(std::max(own, size)), 0.0f);
  graph.report.add_use(binding, name,
                       fmt::format("times {:g}, {}{}fp16 {}", scale, factors.empty() ? "" : "folded, ",
                                   size > own ? "then as many zeros, " : "", to_string(shape)));
  return graph.builder.constant(name, make_half_payload(shape, std::move(values), binding, graph.report));
}

// x [..., n] normed in fp32, before gain and bias.
mil::Value normed_widely(Graph& graph, const std::string& name, mil::Value x, const NormSpec& norm) {
  mil::Builder& b = graph.builder;
  const mil::Value wide = b.add(name + "_wide", mil::Cast{.x = x, .dtype = "fp32"});
  // Rows of zeros stay zero.
  const auto smallest = static_cast<double>(std::numeric_limits<float>::min());
  const mil::Scalar epsilon{static_cast<float>(std::max(norm.epsilon, smallest)), DType::f32};
  if (norm.kind == NormKind::layer) return b.add(name, mil::LayerNorm{.x = wide, .axes = {-1}, .epsilon = epsilon});
  const mil::Value squares = graph.multiply(name + "_squares", wide, wide);
  const mil::Value mean = b.add(name + "_mean", mil::ReduceMean{.x = squares, .axes = {-1}, .keep_dims = true});
  return graph.multiply(name, wide, b.add(name + "_factor", mil::Rsqrt{.x = mean, .epsilon = epsilon}));
}

mil::Value lower_wide_norm(Graph& graph, const std::string& base, mil::Value x, const NormSpec& norm,
                           const ParameterId& gain, const ParameterId& bias, double scale) {
  const int64_t n = graph.builder.type(x).shape.back();
  const bool is_scaled = graph.weights.has(gain) || scale != 1, is_moved = graph.weights.has(bias);
  const mil::Value wide = normed_widely(graph, base + "_normed", x, norm);
  mil::Value y =
      graph.builder.add(is_scaled || is_moved ? base + "_unit" : base, mil::Cast{.x = wide, .dtype = "fp16"});
  if (is_scaled) {
    const mil::Value factor = graph.weights.has(gain) ? add_vector(graph, base + "_gain", gain, scale, n)
                                                      : graph.number(base + "_scale", scale);
    y = graph.multiply(is_moved ? base + "_scaled" : base, y, factor);
  }
  return is_moved ? graph.add(base, y, add_vector(graph, base + "_bias", bias, scale, n)) : y;
}

}  // namespace

mil::Value lower_norm(Graph& graph, std::string_view name, mil::Value x, size_t axis, const NormSpec& norm, Role role,
                      int64_t layer, double scale) {
  const std::string base(name);
  const int64_t n = graph.builder.type(x).shape[axis];
  const ParameterId gain{role, layer}, bias{role, layer, Part::bias};
  if (graph.layout == Layout::token_major) return lower_wide_norm(graph, base, x, norm, gain, bias, scale);
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
    const mil::Value mirrored = graph.multiply(base + "_mirrored", x, graph.minus_one());
    op.x = graph.concat(base + "_both", {x, mirrored}, static_cast<int32_t>(axis));
    const mil::Value doubled = graph.builder.add(base + "_double", op);
    y = graph.slice(is_last ? base : base + "_normed", doubled, axis, 0, n);
  } else {
    y = graph.builder.add(is_last ? base : base + "_normed", op);
  }
  if (is_last) return y;
  const mil::Value factor =
      by_head ? add_vector(graph, base + "_gain", gain, scale, n) : graph.number(base + "_scale", scale);
  return graph.multiply(base, y, factor);
}

}  // namespace cortland
