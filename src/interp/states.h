// The mutable tensors of a program, shared by its functions and kept between calls.
#pragma once

#include <map>
#include <span>
#include <string>

#include "mil/program.h"
#include "tensor/tensor.h"

namespace cortland {

class States {
 public:
  // Every state of every function, filled with zeros; functions that name the same state share it. Errors: corrupt when
  // they declare it with different types.
  explicit States(const mil::Program& program);
  // Those of some functions.
  explicit States(std::span<const mil::Function* const> functions);

  // REQUIRES: the program has a state of the name.
  Tensor& at(const std::string& name) { return states_.at(name).tensor; }
  const Tensor& at(const std::string& name) const { return states_.at(name).tensor; }
  // All zeros again.
  void clear();

 private:
  struct State {
    mil::Type type;
    Tensor tensor;
  };
  std::map<std::string, State> states_;
};

}  // namespace cortland
