// What enters the linear layers of a model when it reads a calibration text.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/spec.h"
#include "quant/input_statistics.h"

namespace cortland {

// Thread-safe. Cheapest when layers are asked for in ascending order.
class LinearInputs {
 public:
  virtual ~LinearInputs() = default;
  // Of x_j / divisors_j, x [n] being what a weight [m, n] multiplies; no divisors: 1. nullptr: not known. REQUIRES: the
  // same divisors every time.
  virtual std::shared_ptr<const InputStatistics> statistics(const ParameterId& weight,
                                                            std::span<const float> divisors) const = 0;
};

}  // namespace cortland
