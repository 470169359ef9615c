// How weights are prepared for their codes, beyond the scheme.
#pragma once

#include <memory>

#include "lower/folds.h"
#include "lower/linear_inputs.h"

namespace cortland {

struct WeightTuning {
  std::shared_ptr<const LinearInputs> inputs;  // nullptr: not calibrated
  std::shared_ptr<const Folds> folds;          // nullptr: none
};

}  // namespace cortland
