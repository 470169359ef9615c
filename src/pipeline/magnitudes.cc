#include "pipeline/magnitudes.h"

#include <algorithm>
#include <limits>
#include <span>

#include "lower/rescale.h"
#include "reference/reference.h"
#include "tensor/magnitude.h"

namespace cortland {
namespace {

double least_mean_square(std::span<const float> values, int64_t width) {
  double least = std::numeric_limits<double>::infinity();
  for (size_t at = 0; at < values.size(); at += static_cast<size_t>(width)) {
    double sum = 0;
    for (const float value : values.subspan(at, static_cast<size_t>(width))) {
      sum += static_cast<double>(value) * static_cast<double>(value);
    }
    least = std::min(least, sum / static_cast<double>(width));
  }
  return least;
}

}  // namespace

Magnitudes measure_magnitudes(const ModelSpec& spec, const Weights& weights, const std::vector<int32_t>& ids,
                              int64_t context) {
  Reference reference(spec, weights, context);
  const size_t layers = spec.layers.size();
  Magnitudes seen{.tokens = static_cast<int64_t>(ids.size()),
                  .stream = std::vector<StreamPeak>(2 * layers + 1),
                  .attention = std::vector<BranchPeaks>(layers),
                  .mlp = std::vector<BranchPeaks>(layers)};
  const auto note = [](float& peak, std::span<const float> values) {
    peak = std::max(peak, largest_magnitude(values));
  };
  const auto look = [&](size_t place, std::span<const float> x) {
    seen.stream[place] = {largest_magnitude(x), least_mean_square(x, spec.width)};
  };
  std::vector<float> x = reference.begin(ids);
  look(0, x);
  for (size_t i = 0; i < layers; ++i) {
    BranchPeaks &attention = seen.attention[i], &mlp = seen.mlp[i];
    const bool has_norms = has_attention_norm(spec.layers[i]);
    const auto linear = [&](const ParameterId& weight, std::span<const float> in, std::span<const float> out) {
      const auto leave = [&](BranchPeaks& branch) {
        note(branch.inner, in);
        note(branch.output, out);
        branch.output_square = least_mean_square(out, spec.width);
      };
      switch (weight.role) {
        case Role::query:
          note(attention.other, out);
          if (has_norms) note(attention.other, in);
          break;
        case Role::key: note(attention.other, out); break;
        case Role::value: note(attention.inner, out); break;
        case Role::attention_output: leave(attention); break;
        case Role::gate: note(mlp.other, out); break;
        case Role::up:
          note(mlp.inner, out);
          if (has_mlp_norm(spec.layers[i])) note(mlp.other, in);
          break;
        case Role::down: leave(mlp); break;
        default: break;
      }
    };
    reference.pass_layer(i, x, linear, [&](Point point, int64_t, std::span<const float> stream) {
      look(point == Point::after_attention ? 2 * i + 1 : 2 * i + 2, stream);
    });
    // Of a sum that is normed only the result is seen, and of parallel branches only what both give together.
    const LayerSpec& layer = spec.layers[i];
    if (layer.attention_sum_norm) seen.stream[2 * i + 1].peak += seen.stream[2 * i].peak + attention.output;
    if (layer.mlp_sum_norm) seen.stream[2 * i + 2].peak += seen.stream[2 * i + 1].peak + mlp.output;
    if (layer.parallel) seen.stream[2 * i + 1] = seen.stream[2 * i];
  }
  return seen;
}

}  // namespace cortland
