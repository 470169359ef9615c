// The constants of a function as tensors: views of what lies in files, and codes that become numbers when they are
// read.
#pragma once

#include <vector>

#include "mil/program.h"
#include "tensor/tensor.h"

namespace cortland {

// Refers to the function, which must outlive it.
class Constants {
 public:
  explicit Constants(const mil::Function& function)
      : function_(function), tensors_(function.values.size()), is_there_(function.values.size(), false) {}

  // Evaluates an operation if it is one that makes constants; false: it is another one. Those that it uses must be
  // evaluated already. Errors: corrupt; unsupported for an operation that is not known.
  bool evaluate(const mil::Operation& operation);

  bool has(mil::ValueId id) const { return is_there_[static_cast<size_t>(id)]; }
  const Tensor& at(mil::ValueId id) const { return tensors_[static_cast<size_t>(id)]; }  // REQUIRES: has(id)

 private:
  class Evaluation;

  const mil::Function& function_;
  std::vector<Tensor> tensors_;  // by value id; empty tensors elsewhere
  std::vector<bool> is_there_;
};

// Whether an operation makes constants out of nothing but constants.
bool makes_constants(const mil::Operation& operation);

}  // namespace cortland
