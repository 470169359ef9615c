#include "mil/program.h"

namespace cortland::mil {

std::string to_string(const Type& type) {
  std::string text(name_of(type.dtype));
  if (!type.shape.empty()) text += cortland::to_string(type.shape);
  return type.is_state ? "state<" + text + ">" : text;
}

ValueId Function::find_value(std::string_view value_name) const {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].name == value_name) return static_cast<ValueId>(i);
  }
  return -1;
}

const Function* Program::find(std::string_view function_name) const {
  for (const Function& function : functions) {
    if (function.name == function_name) return &function;
  }
  return nullptr;
}

std::string opset_name(Opset opset) { return "CoreML" + std::to_string(static_cast<int>(opset)); }

bool find_opset(std::string_view name, Opset* opset) {
  if (name.size() != 7 || !name.starts_with("CoreML") || name[6] < '5' || name[6] > '9') {
    return false;
  }
  *opset = static_cast<Opset>(name[6] - '0');
  return true;
}

}  // namespace cortland::mil
