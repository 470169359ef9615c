#include "interp/states.h"

#include <vector>

#include "base/error.h"

namespace cortland {

namespace {

std::vector<const mil::Function*> all_of(const mil::Program& program) {
  std::vector<const mil::Function*> functions;
  for (const mil::Function& function : program.functions) functions.push_back(&function);
  return functions;
}

}  // namespace

States::States(const mil::Program& program) : States(all_of(program)) {}

States::States(std::span<const mil::Function* const> functions) {
  for (const mil::Function* function : functions) {
    for (const mil::ValueId id : function->inputs) {
      const auto& [name, type, producer] = function->value(id);
      if (!type.is_state) continue;
      const auto [it, is_new] = states_.try_emplace(name, State{type, Tensor()});
      require(is_new || it->second.type == type, ErrorCode::corrupt,
              "function {}: state {}: got {}, but another function declares {}", function->name, name, to_string(type),
              to_string(it->second.type));
    }
  }
  clear();
}

void States::clear() {
  for (auto& [name, state] : states_) state.tensor = Tensor::zeros_stored(state.type.dtype, state.type.shape);
}

}  // namespace cortland
