#include "interp/states.h"

#include "base/error.h"

namespace cortland {

States::States(const mil::Program& program) {
  for (const mil::Function& function : program.functions) {
    for (const mil::ValueId id : function.inputs) {
      const auto& [name, type, producer] = function.value(id);
      if (!type.is_state) continue;
      const auto [it, is_new] = states_.try_emplace(name, State{type, Tensor()});
      require(is_new || it->second.type == type, ErrorCode::corrupt,
              "function {}: state {}: got {}, but another function declares {}", function.name, name, to_string(type),
              to_string(it->second.type));
    }
  }
  clear();
}

void States::clear() {
  for (auto& [name, state] : states_) state.tensor = Tensor::zeros_stored(state.type.dtype, state.type.shape);
}

}  // namespace cortland
