#include "lower/weight_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quant/kernels.h"
#include "quant/row_importance.h"

namespace cortland {

WeightRows::WeightRows(const Weights& weights, const Binding& binding, const WeightRecipe& recipe, WeightReport& report)
    : weights_(weights), binding_(binding), recipe_(recipe), report_(report) {
  const Parameter& p = *binding.parameter;
  cols_ = element_count(std::span(p.shape).subspan(1));
  rows_ = recipe.rows < 0 ? p.shape[0] - recipe.first_row : recipe.rows;
  key_ = fmt::format("{} rows {}:+{} x {}{}{}{}", binding.entries.front()->name, recipe.first_row, rows_, recipe.scale,
                     recipe.folds(binding) ? " folded" : "", has_inputs() ? " calibrated" : "",
                     p.is_plain() ? "" : " as " + to_string(p.id));
}

void WeightRows::read(int64_t first, std::span<float> out) const {
  weights_.read(binding_, (recipe_.first_row + first) * cols_, out);
  recipe_.apply(binding_, (recipe_.first_row + first) * cols_, out);
  if (!is_all_finite(out)) weights_.refuse_non_finite(binding_);
  ConvertStats stats{.max_abs = max_magnitude(out)};
  if (stats.max_abs > kHalfMax) {
    for (float& value : out) {
      if (std::abs(value) > kHalfMax) ++stats.saturated;
      value = std::clamp(value, -kHalfMax, kHalfMax);
    }
  }
  report_.add(binding_, stats);
}

std::vector<float> WeightRows::row_importance(int64_t first, int64_t rows) const {
  const ParameterId& id = binding_.parameter->id;
  if (id.role != Role::attention_output && id.role != Role::down) return {};
  const ParameterId gain{id.role == Role::down ? Role::post_mlp_norm : Role::post_attention_norm, id.layer};
  if (!weights_.has(gain)) return {};
  const std::vector<float> all = cortland::row_importance(weights_.values(gain));
  if (all.empty()) return {};
  const auto begin = all.begin() + recipe_.first_row + first;
  return {begin, begin + rows};
}

std::shared_ptr<const InputStatistics> WeightRows::inputs() const {
  if (!has_inputs()) return nullptr;
  const ParameterId& id = binding_.parameter->id;
  const Folds* folds = recipe_.folds(binding_);
  return recipe_.tuning->inputs->statistics(id, folds == nullptr ? std::span<const float>() : folds->columns(id));
}

}  // namespace cortland
