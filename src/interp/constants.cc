#include "interp/constants.h"

#include "base/error.h"
#include "mil/ops/constant.h"
#include "mil/registry.h"

namespace cortland {

// What an operation that uses at most other constants may touch.
class Constants::Evaluation : public mil::Evaluation {
 public:
  Evaluation(Constants& owner, const mil::Operation& operation) : owner_(owner), operation_(operation) {}
  const Tensor& get(mil::Value value) override {
    require(owner_.has(value.id), ErrorCode::corrupt, "operand {} is not constant",
            owner_.function_.value(value.id).name);
    return owner_.at(value.id);
  }
  Tensor take(mil::Value value) override { return get(value); }
  void set(Tensor result, size_t output) override {
    owner_.tensors_[static_cast<size_t>(operation_.outputs[output])] = std::move(result);
  }
  const mil::Type& result_type(size_t output) const override {
    return owner_.function_.value(operation_.outputs[output]).type;
  }
  size_t result_count() const override { return operation_.outputs.size(); }
  Tensor read_state(mil::Value value) override { return get(value); }
  void write_state(mil::Value value, Tensor) override { get(value); }

 private:
  Constants& owner_;
  const mil::Operation& operation_;
};

bool makes_constants(const mil::Operation& operation) {
  return operation.type == mil::Const::kName || operation.type.starts_with(mil::kConstexprPrefix);
}

bool Constants::evaluate(const mil::Operation& operation) {
  if (!makes_constants(operation)) return false;
  const auto instance = mil::instantiate(function_, operation);
  Evaluation evaluation(*this, operation);
  try {
    instance->eval(evaluation);
  } catch (const Error& error) {
    fail(error.code(), "function {}: {}: {}", function_.name, operation.name, error.what());
  }
  for (const mil::ValueId id : operation.outputs) is_there_[static_cast<size_t>(id)] = true;
  return true;
}

}  // namespace cortland
