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
    for (size_t at = 0; at < values.size(); at += static_cast<size_t>(cols)) {
      use(std::span<const float>(values).subspan(at, static_cast<size_t>(cols)));
    }
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

Folds::Folds(const ModelSpec& spec, const Weights& weights) : weights_(weights) {
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const auto layer = static_cast<int64_t>(i);
    const LayerSpec& l = spec.layers[i];
    const AttentionSpec& a = l.attention;
    if (!a.clamp) add({Role::value, layer}, {{Role::attention_output, layer}}, a.head_dim, a.heads / a.kv_heads);
    if (l.mlp.gated) add({Role::up, layer}, {{Role::down, layer}}, l.mlp.width, 1);
    std::vector<ParameterId> attention{{Role::query, layer}, {Role::key, layer}, {Role::value, layer}},
        mlp{{Role::up, layer}};
    if (l.mlp.gated) mlp.push_back({Role::gate, layer});
    if (l.parallel && !l.pre_mlp_norm) attention.insert(attention.end(), mlp.begin(), mlp.end());
    if (l.pre_attention_norm) add({Role::pre_attention_norm, layer}, std::move(attention), spec.width, 1);
    if (l.pre_mlp_norm) add({Role::pre_mlp_norm, layer}, std::move(mlp), spec.width, 1);
  }
  if (!spec.tied_head && !weights.has({Role::head_projection})) add({Role::final_norm}, {{Role::head}}, spec.width, 1);
}

// A norm without gains has nowhere to put a factor.
void Folds::add(const ParameterId& first, std::vector<ParameterId> second, int64_t width, int64_t repeats) {
  if (!weights_.has(first)) return;
  auto fold = std::make_unique<Fold>();
  fold->first = first;
  fold->second = std::move(second);
  fold->width = width;
  fold->repeats = repeats;
  for (const ParameterId& id : fold->second) by_second_[id] = fold.get();
  folds_[{first.role, first.layer}] = std::move(fold);
}

Folds::Fold* Folds::find_rows(const ParameterId& id) const {
  const auto fold = folds_.find({id.role, id.layer});
  return fold == folds_.end() ? nullptr : fold->second.get();
}

Folds::Fold* Folds::find_columns(const ParameterId& id) const {
  const auto fold = by_second_.find(id);
  return fold == by_second_.end() ? nullptr : fold->second;
}

const Folds::Fold& Folds::computed(Fold& fold) const {
  std::call_once(fold.once, [&] {
    std::vector<double> energies;
    for (const ParameterId& id : fold.second) {
      const std::vector<double> more = column_energies(weights_, id);
      energies.resize(more.size());
      for (size_t j = 0; j < more.size(); ++j) energies[j] += more[j];
    }
    const auto width = static_cast<size_t>(fold.width), repeats = static_cast<size_t>(fold.repeats),
               n = energies.size() / repeats;
    const auto column_of = [&](size_t row, size_t repeat) {
      return (row / width * repeats + repeat) * width + row % width;
    };
    std::vector<double> exponents(n);
    double mean = 0;
    for (size_t row = 0; row < n; ++row) {
      double energy = 0;
      for (size_t r = 0; r < repeats; ++r) energy += energies[column_of(row, r)];
      exponents[row] = energy > 0 ? 0.5 * std::log2(energy) : 0;
      mean += exponents[row] / static_cast<double>(n);
    }
    fold.rows.resize(n);
    fold.columns.resize(energies.size());
    for (size_t row = 0; row < n; ++row) {
      const double exponent = std::clamp(std::nearbyint(exponents[row] - mean), -kLargestExponent, kLargestExponent);
      fold.rows[row] = static_cast<float>(std::exp2(exponent));
      for (size_t r = 0; r < repeats; ++r) fold.columns[column_of(row, r)] = static_cast<float>(std::exp2(-exponent));
    }
  });
  return fold;
}

std::span<const float> Folds::rows(const ParameterId& id) const {
  Fold* fold = find_rows(id);
  return fold != nullptr ? std::span<const float>(computed(*fold).rows) : std::span<const float>();
}

std::span<const float> Folds::columns(const ParameterId& id) const {
  Fold* fold = find_columns(id);
  return fold != nullptr ? std::span<const float>(computed(*fold).columns) : std::span<const float>();
}

}  // namespace cortland
