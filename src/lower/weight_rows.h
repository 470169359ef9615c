// A parameter of a checkpoint as the rows of a matrix, for the codecs.
#pragma once

#include <string>

#include "lower/weight_payload.h"
#include "quant/encoded_matrix.h"

namespace cortland {

// The rows that a recipe selects. The weights and the report must outlive it. Errors of read(): corrupt for a NaN or an
// infinity, naming the tensor.
class WeightRows : public RowSource {
 public:
  WeightRows(const Weights& weights, const Binding& binding, const WeightRecipe& recipe, WeightReport& report);

  int64_t rows() const override { return rows_; }
  int64_t cols() const override { return cols_; }
  const std::string& key() const override { return key_; }
  void read(int64_t first, std::span<float> out) const override;
  // Where a norm comes behind: the squares of its gains, which multiply what the rows give.
  std::vector<float> row_importance(int64_t first, int64_t rows) const override;
  std::shared_ptr<const InputStatistics> inputs() const override;

 private:
  bool has_inputs() const { return recipe_.tuning != nullptr && recipe_.tuning->inputs != nullptr; }

  const Weights& weights_;
  const Binding& binding_;
  WeightRecipe recipe_;
  WeightReport& report_;
  int64_t rows_ = 0, cols_ = 0;
  std::string key_;
};

}  // namespace cortland
