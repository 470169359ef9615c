// Constants made of checkpoint tensors: a recipe now, bytes when the writer asks.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lower/weight_tuning.h"
#include "mil/payload.h"
#include "model/weights.h"
#include "quant/encoded_matrix.h"
#include "quant/policy.h"
#include "tensor/convert.h"

namespace cortland {

// Where a tensor goes.
struct WeightUse {
  std::string tensor;    // "model.norm.weight BF16 [64]"
  std::string constant;  // the constant in the program
  std::string recipe;    // "fp16 [64, 64, 1, 1]", "rows 0 to 63, fp16 [64, 64, 1, 1]"
};

// A weight that is stored as codes.
struct EncodedWeight {
  std::string tensor;
  std::shared_ptr<const EncodedMatrix> matrix;
  SchemeChoice choice;
  ParameterId id = {};  // where the checkpoint tells
};

// A weight that is fp16 although another scheme was asked for.
struct HalfWeight {
  std::string tensor, reason;
};

// What becomes of the tensors of a run. Thread-safe.
class WeightReport {
 public:
  // Notes a use; functions that share a constant note it once.
  void add_use(const Binding& binding, std::string_view constant, std::string recipe);
  std::vector<WeightUse> uses() const;

  void add(const Binding& binding, const ConvertStats& stats);
  // Tensors with values beyond fp16, with how many were saturated and the largest magnitude.
  std::map<std::string, ConvertStats> saturated() const;

  void add_matrix(EncodedWeight weight);
  std::vector<EncodedWeight> matrices() const;

  void add_half(HalfWeight weight);  // functions that share it note it once
  std::vector<HalfWeight> halves() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ConvertStats> tensors_;
  std::vector<WeightUse> uses_;
  std::set<std::string> noted_;
  std::vector<EncodedWeight> matrices_;
  std::vector<HalfWeight> halves_;
};

// A way from a parameter to the bytes of a constant.
struct WeightRecipe {
  int64_t first_row = 0;  // rows of the first axis
  int64_t rows = -1;      // -1: all from first_row
  double scale = 1;       // multiplies every element, in fp32, before rounding
  const WeightTuning* tuning = nullptr;

  // The factors that apply to a parameter; nullptr: none.
  const Folds* folds(const Binding& binding) const;
  // Multiplies elements of the parameter, from `first` on, with what the recipe says.
  void apply(const Binding& binding, int64_t first, std::span<float> values) const;
};

// Elements of a parameter, rounded to fp16, under `shape` (as many elements as the recipe selects). Nothing is read
// before produce(). The key does not depend on the shape. The weights and the report must outlive the payload. Errors
// of produce(): corrupt for a NaN or an infinity, naming the tensor.
mil::PayloadPtr make_weight_payload(const Weights& weights, const Binding& binding, const WeightRecipe& recipe,
                                    Shape shape, WeightReport& report);

// fp16 constant of given values, which come from the parameter; those beyond fp16 are cut and reported.
mil::PayloadPtr make_half_payload(Shape shape, std::vector<float> values, const Binding& binding, WeightReport& report);

}  // namespace cortland
