// The codes that a checkpoint has of a parameter, for packages that keep them.
#pragma once

#include <string>

#include "lower/weight_payload.h"
#include "quant/encoded_matrix.h"
#include "quant/policy.h"

namespace cortland {

// What the tensors of a matrix hold. Errors: as StoredCodes::traits().
StoredForm stored_form(const Binding& binding);

// The rows that a recipe selects; its scale must be 1. REQUIRES: stored_form() has this scheme. The binding must
// outlive it.
class KeptRows : public CodeSource {
 public:
  KeptRows(const Weights& weights, const Binding& binding, const WeightRecipe& recipe, const Scheme& scheme);

  int64_t rows() const override { return rows_; }
  int64_t cols() const override { return cols_; }
  const std::string& key() const override { return key_; }
  Encoded read(int64_t first, int64_t rows) const override;  // Errors: as keep_codes()

 private:
  const Binding& binding_;
  int64_t first_row_;
  Scheme scheme_;
  std::string where_;
  int64_t rows_ = 0, cols_ = 0;
  std::string key_;
};

}  // namespace cortland
