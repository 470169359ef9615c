#include "lower/folds.h"

#include <algorithm>
#include <cmath>

#include "quant/kernels.h"

namespace cortland {
namespace {

constexpr double kLargestExponent = 6;
constexpr int64_t kTileElements = 1 << 20;

// Calls use(values) for each row.
template <typename Use>
void for_each_row(const Weights& weights, const ParameterId& id, Use use) {
  const Binding& binding = weights.binding(id);
  const int64_t rows = binding.parameter->shape[0], cols = binding.parameter->shape[1];
  const int64_t tile = std::max<int64_t>(1, kTileElements / cols);
  std::vector<float> values;
  for (int64_t first = 0; first < rows; first += tile) {
    values.resize(static_cast<size_t>(std::min(tile, rows - first) * cols));
    weights.read(binding, first * cols, values);
    if (!is_all_finite(values)) weights.refuse_non_finite(binding);
    for (size_t at = 0; at < values.size(); at += static_cast<size_t>(cols)) use(std::span<const float>(values).subspan(at, static_cast<size_t>(cols)));
  }
}

double mean_square(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum / static_cast<double>(values.size());
}

// The mean square of each column, the rows being brought to the same size.
std::vector<double> column_energies(const Weights& weights, const ParameterId& id) {
  const Shape& shape = weights.binding(id).parameter->shape;
  std::vector<double> sums(static_cast<size_t>(shape[1]));
  for_each_row(weights, id, [&](std::span<const float> row) {
    const double size = mean_square(row) * static_cast<double>(shape[0]);
    if (size == 0) return;
    for (size_t j = 0; j < row.size(); ++j) sums[j] += static_cast<double>(row[j]) * static_cast<double>(row[j]) / size;
  });
  return sums;
}

}  // namespace

Folds::Folds(const ModelSpec& spec, const Weights& weights) : weights_(weights), layers_(spec.layers.size()) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto layer = static_cast<int64_t>(i);
    const AttentionSpec& a = spec.layers[i].attention;
    const auto make = [&](Role first, Role second, int64_t width, int64_t repeats) {
      auto pair = std::make_unique<Pair>();
      pair->first = {first, layer};
      pair->second = {second, layer};
      pair->width = width;
      pair->repeats = repeats;
      return pair;
    };
    if (!a.clamp) layers_[i][0] = make(Role::value, Role::attention_output, a.head_dim, a.heads / a.kv_heads);
    if (spec.layers[i].mlp.gated) layers_[i][1] = make(Role::up, Role::down, spec.layers[i].mlp.width, 1);
  }
}

Folds::Pair* Folds::find(const ParameterId& id) const {
  if (id.layer < 0) return nullptr;
  for (const auto& pair : layers_[static_cast<size_t>(id.layer)]) {
    if (pair && (pair->first.role == id.role || (pair->second.role == id.role && id.part == Part::weight))) return pair.get();
  }
  return nullptr;
}

const Folds::Pair& Folds::computed(Pair& pair) const {
  std::call_once(pair.once, [&] {
    const std::vector<double> energies = column_energies(weights_, pair.second);
    const auto width = static_cast<size_t>(pair.width), repeats = static_cast<size_t>(pair.repeats), n = energies.size() / repeats;
    const auto column_of = [&](size_t row, size_t repeat) { return (row / width * repeats + repeat) * width + row % width; };
    std::vector<double> exponents(n);
    double mean = 0;
    for (size_t row = 0; row < n; ++row) {
      double energy = 0;
      for (size_t r = 0; r < repeats; ++r) energy += energies[column_of(row, r)];
      exponents[row] = energy > 0 ? 0.5 * std::log2(energy) : 0;
      mean += exponents[row] / static_cast<double>(n);
    }
    pair.rows.resize(n);
    pair.columns.resize(energies.size());
    for (size_t row = 0; row < n; ++row) {
      const double exponent = std::clamp(std::nearbyint(exponents[row] - mean), -kLargestExponent, kLargestExponent);
      pair.rows[row] = static_cast<float>(std::exp2(exponent));
      for (size_t r = 0; r < repeats; ++r) pair.columns[column_of(row, r)] = static_cast<float>(std::exp2(-exponent));
    }
  });
  return pair;
}

std::span<const float> Folds::rows(const ParameterId& id) const {
  Pair* pair = find(id);
  return pair && pair->first.role == id.role ? std::span<const float>(computed(*pair).rows) : std::span<const float>();
}

std::span<const float> Folds::columns(const ParameterId& id) const {
  Pair* pair = find(id);
  return pair && pair->second.role == id.role && id.part == Part::weight ? std::span<const float>(computed(*pair).columns) : std::span<const float>();
}

}  // namespace cortland
