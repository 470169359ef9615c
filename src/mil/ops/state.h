// Mutable tensors that outlive a call.
#pragma once

#include "mil/op.h"

namespace cortland::mil {

// y = the present value of a state.
struct ReadState {
  static constexpr std::string_view kName = "read_state";
  static constexpr Opset kSince = Opset::coreml8;
  Value input;
  static constexpr auto fields() { return std::tuple{field("input", &ReadState::input)}; }
  std::vector<Type> infer(const Inference& in) const {
    const Type& state = in.state(input);
    return {{state.dtype, state.shape}};
  }
  void eval(Evaluation& e) const { e.set(e.read_state(input)); }
};

// The state takes the value of `data`. No outputs. C1: data has the type of the state.
struct WriteState {
  static constexpr std::string_view kName = "write_state";
  static constexpr Opset kSince = Opset::coreml8;
  Value input;
  Value data;
  static constexpr auto fields() {
    return std::tuple{field("input", &WriteState::input), field("data", &WriteState::data)};
  }
  std::vector<Type> infer(const Inference& in) const {
    const Type &state = in.state(input), &value = in.tensor(data);
    in.check(state.dtype == value.dtype && state.shape == value.shape, "data {} is not what {} holds", value, state);
    return {};
  }
  void eval(Evaluation& e) const { e.write_state(input, e.take(data)); }
};

}  // namespace cortland::mil
