// The one place that turns a weight into a constant of the program: fp16, or codes and the op that reads them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "mil/builder.h"
#include "quant/encoded_matrix.h"

namespace cortland {

// What a weight is stored as: one of the two.
struct StoredWeight {
  mil::PayloadPtr half;                         // fp16
  std::shared_ptr<const EncodedMatrix> matrix;  // codes
};

// Serves every function of a program, so that they share their weights. What it refers to must outlive the payloads.
class WeightStore {
 public:
  WeightStore(const Weights& weights, const Plan& plan, WeightReport& report)
      : weights_(weights),
        policy_(plan.weights),
        tuning_(plan.tuning.get()),
        opset_(plan.target.opset),
        report_(report) {}

  // Whether so many rows of a weight get the codes of the checkpoint: then nothing can be folded into them.
  bool keeps(const Binding& binding, int64_t rows, WeightPlace place) const;
  // A weight of `shape`, rows first, as many elements as the recipe selects; `name` is for the report. Vectors are
  // always fp16.
  StoredWeight add(std::string_view name, const Binding& binding, const WeightRecipe& recipe, const Shape& shape,
                   WeightPlace place);
  // The same as a value.
  mil::Value add(mil::Builder& builder, std::string_view name, const Binding& binding, const WeightRecipe& recipe,
                 const Shape& shape, WeightPlace place);

 private:
  SchemeChoice choose(const Binding& binding, int64_t rows, WeightPlace place) const;
  std::shared_ptr<const EncodedMatrix> find_matrix(const Binding& binding, const WeightRecipe& recipe,
                                                   const SchemeChoice& choice);

  const Weights& weights_;
  const WeightPolicy& policy_;
  const WeightTuning* tuning_;
  mil::Opset opset_;
  WeightReport& report_;
  std::map<std::string, std::shared_ptr<const EncodedMatrix>> matrices_;  // by key
};

}  // namespace cortland
