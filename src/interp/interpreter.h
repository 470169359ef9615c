// Executes one function of a program, operation by operation.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interp/constants.h"
#include "interp/states.h"
#include "mil/program.h"
#include "mil/registry.h"
#include "tensor/tensor.h"

namespace cortland {

enum class Math {
  fp32,  // intermediate values in fp32; inputs, outputs, states and weights as declared: what the package means
  fp16,  // every result declared fp16 is rounded to it, sums stay fp32: the nearest honest stand-in for a device
};

// Refers to the function, which must outlive it. Immutable after construction.
class Interpreter {
 public:
  using Values = std::map<std::string, Tensor>;
  // Sees every result of a run, in order.
  using Probe = std::function<void(const mil::ValueInfo& value, const Tensor& tensor)>;

  // Decodes every operation and loads its constants. Errors: corrupt; unsupported for an operation that is not known.
  Interpreter(const mil::Function& function, Math math);

  const mil::Function& function() const { return function_; }

  // Runs the function on its inputs (by name, without states) and returns its outputs. Errors: invalid for an input
  // that is missing, unknown or of another type, and then no state has changed; after any other error all states are
  // zero. The output called `unwanted` is left out, with all that serves nothing else.
  Values run(const Values& inputs, States& states, const Probe& probe = {}, std::string_view unwanted = {}) const;

 private:
  class Run;
  struct Step {
    const mil::Operation* operation = nullptr;
    std::unique_ptr<mil::OpInstance> instance;
    std::vector<mil::ValueId> dead_after;  // values that nothing uses behind this step
    bool replaces_state = false;           // a read_state that is followed by the next write_state of the same state
  };
  // Which steps the other outputs and the states need.
  std::vector<bool> steps_without(std::string_view unwanted) const;
  void find_last_uses();
  void find_replaced_states();

  const mil::Function& function_;
  Math math_;
  std::vector<Step> steps_;  // without constants
  Constants constants_;
};

}  // namespace cortland
