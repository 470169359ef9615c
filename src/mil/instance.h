// From an op struct to its registry row and back to structs: the only code that walks fields(). For registry.cc and
// typed.h.
#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include "mil/registry.h"

namespace cortland::mil {

// The generic operation of an op struct, without name and outputs.
template <MilOp Op>
Operation to_operation(const Op& op) {
  Operation operation;
  operation.type = std::string(Op::kName);
  operation.row = find_op(Op::kName, Op::kSince);
  const auto add = [&](const auto& f) {
    std::vector<Binding> bindings = encode(op.*(f.member));
    if (bindings.empty()) return;
    auto& list = f.place == Place::input ? operation.inputs : operation.attributes;
    list.push_back({std::string(f.name), std::move(bindings)});
  };
  std::apply([&](const auto&... f) { (add(f), ...); }, Op::fields());
  return operation;
}

template <MilOp Op>
class Instance : public OpInstance {
 public:
  explicit Instance(Op op) : op_(std::move(op)) {}
  std::vector<Type> infer(const Inference& inference) const override { return op_.infer(inference); }
  void eval(Evaluation& evaluation) const override { op_.eval(evaluation); }

 private:
  Op op_;
};

// Finds the argument of a field; nullptr when absent. Errors: corrupt when a required one is absent.
const Argument* find_argument(const FieldRow& field, const Function& function, const Operation& operation);
// Errors: corrupt when the operation has an argument that no field names.
void require_known_arguments(const OpRow& row, const Operation& operation);
[[noreturn]] void fail_argument(const Operation& operation, std::string_view name, const Error& error);

// The struct of an operation. Errors: corrupt for a missing, unknown or ill-typed parameter.
template <MilOp Op>
Op read_fields(const OpRow& row, const Function& function, const Operation& operation) {
  require_known_arguments(row, operation);
  Op op{};
  size_t index = 0;
  const auto read = [&](const auto& f) {
    const Argument* argument = find_argument(row.fields[index++], function, operation);
    if (argument == nullptr) return;
    try {
      decode(function, argument->bindings, &(op.*(f.member)));
    } catch (const Error& error) {
      fail_argument(operation, f.name, error);
    }
  };
  std::apply([&](const auto&... f) { (read(f), ...); }, Op::fields());
  return op;
}

template <MilOp Op>
OpRow make_op_row() {
  OpRow row;
  row.name = Op::kName;
  row.since = Op::kSince;
  std::apply([&](const auto&... f) { (row.fields.push_back({f.name, f.presence, f.place, f.since}), ...); },
             Op::fields());
  row.encode = [](const void* op) { return to_operation(*static_cast<const Op*>(op)); };
  row.instantiate = [](const OpRow& self, const Function& function,
                       const Operation& operation) -> std::unique_ptr<OpInstance> {
    return std::make_unique<Instance<Op>>(read_fields<Op>(self, function, operation));
  };
  return row;
}

}  // namespace cortland::mil
