// Builds one function, operation by operation; every result is typed at once by the op's own rule.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mil/program.h"
#include "mil/registry.h"

namespace cortland::mil {

class Builder {
 public:
  Builder(std::string name, Opset opset);

  Value input(const std::string& name, Type type);

  // Adds an operation; its struct must stand in the registry. `name` names the operation and its result; a number is
  // appended when it is taken.
  template <typename Op>
  Value add(std::string_view name, const Op& op) {
    return add_operation(name, encode_op(Op::kName, Op::kSince, &op)).front();
  }
  // An operation without results.
  template <typename Op>
  void add_effect(std::string_view name, const Op& op) {
    add_operation(name, encode_op(Op::kName, Op::kSince, &op));
  }
  // A constant; one const operation per payload key and type, however often it is asked for.
  Value constant(std::string_view name, const PayloadPtr& payload);
  Value constant(std::string_view name, Literal literal);

  const Type& type(Value value) const { return function_.value(value.id).type; }

  // REQUIRES: the value is the result of an operation. Errors: invalid when the name is taken.
  void rename(Value value, const std::string& name);
  // The same, and makes it an output: outputs are found by name.
  void output(Value value, const std::string& name);

  Function finish() { return std::move(function_); }

 private:
  std::vector<Value> add_operation(std::string_view name, Operation operation);
  std::string unique_name(std::string_view wanted);

  Function function_;
  std::unordered_map<std::string, int> taken_;
  std::unordered_map<std::string, Value> constants_;
};

}  // namespace cortland::mil
