#include "mil/builder.h"

#include "mil/ops/constant.h"

namespace cortland::mil {

Builder::Builder(std::string name, Opset opset) {
  function_.name = std::move(name);
  function_.opset = opset_name(opset);
}

std::string Builder::unique_name(std::string_view wanted) {
  std::string name(wanted);
  while (taken_.count(name) != 0) name = std::string(wanted) + "_" + std::to_string(++taken_[std::string(wanted)]);
  taken_[name] = 0;
  return name;
}

Value Builder::input(const std::string& name, Type type) {
  require(taken_.emplace(name, 0).second, ErrorCode::invalid, "function {}: input {} appears twice", function_.name,
          name);
  function_.values.push_back({name, std::move(type), -1});
  const auto id = static_cast<ValueId>(function_.values.size() - 1);
  function_.inputs.push_back(id);
  return {id};
}

std::vector<Value> Builder::add_operation(std::string_view name, Operation operation) {
  operation.name = unique_name(name);
  const std::vector<Type> types = instantiate(function_, operation)->infer(Inference(function_, operation));
  const auto index = static_cast<int32_t>(function_.operations.size());
  std::vector<Value> results;
  for (size_t i = 0; i < types.size(); ++i) {
    std::string value_name = i == 0 ? operation.name : unique_name(operation.name + "_" + std::to_string(i));
    function_.values.push_back({std::move(value_name), types[i], index});
    results.push_back({static_cast<ValueId>(function_.values.size() - 1)});
    operation.outputs.push_back(results.back().id);
  }
  function_.operations.push_back(std::move(operation));
  return results;
}

Value Builder::constant(std::string_view name, const PayloadPtr& payload) {
  const std::string key = to_string(Type{payload->dtype(), payload->shape()}) + " " + payload->key();
  const auto it = constants_.find(key);
  if (it != constants_.end()) return it->second;
  return constants_[key] = add(name, Const{.val = payload});
}

Value Builder::constant(std::string_view name, Literal literal) {
  return add(name, Const{.val = Binding(std::move(literal))});
}

void Builder::rename(Value value, const std::string& name) {
  require(taken_.emplace(name, 0).second, ErrorCode::invalid, "function {}: the name {} is taken", function_.name,
          name);
  function_.values[static_cast<size_t>(value.id)].name = name;
}

void Builder::output(Value value, const std::string& name) {
  rename(value, name);
  function_.outputs.push_back(value.id);
}

}  // namespace cortland::mil
