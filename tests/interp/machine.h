// A program of one function with its states, ready to run.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "interp/interpreter.h"
#include "mil/evaluation.h"

namespace cortland {

using mil::floats;
using mil::ints;
using mil::values_of;

// fp16[n]
inline Tensor halves(std::vector<float> values) {
  const auto n = static_cast<int64_t>(values.size());
  return floats({n}, std::move(values), DType::f16);
}

struct Machine {
  explicit Machine(mil::Function function, Math math = Math::fp32)
      : program{{std::move(function)}}, states(program), interpreter(program.functions.front(), math) {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  std::vector<float> run(const Interpreter::Values& inputs, const std::string& output = "out") {
    return values_of(interpreter.run(inputs, states).at(output));
  }
  std::vector<float> state(const std::string& name) const { return values_of(states.at(name)); }

  const mil::Program program;
  States states;
  const Interpreter interpreter;
};

}  // namespace cortland
