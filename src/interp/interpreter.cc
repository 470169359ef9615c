#include "interp/interpreter.h"

#include <algorithm>

#include "base/error.h"
#include "mil/ops/state.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

bool fits(const Shape& shape, const mil::Type& type) {
  if (shape.size() != type.shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (type.shape[i] != kUnknown && type.shape[i] != shape[i]) return false;
  }
  return true;
}

Tensor rounded(Tensor tensor) {
  if (tensor.is_unique()) {
    round_to_half(tensor.mutable_floats());
    return tensor;
  }
  const Floats values = tensor.floats();
  std::vector<float> copy(values.span().begin(), values.span().end());
  round_to_half(copy);
  return Tensor::of_floats(tensor.dtype(), tensor.shape(), std::move(copy));
}

template <typename Visit>
void for_each_operand(const mil::Operation& operation, Visit visit) {
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      if (const auto* id = std::get_if<mil::ValueId>(&binding)) visit(*id);
    }
  }
}

bool holds_wide_floats(const Tensor& tensor) { return tensor.dtype() == DType::f16 && !tensor.is_stored(); }

// The state that a read_state or write_state names. REQUIRES: the operation was instantiated.
mil::ValueId state_of(const mil::Operation& operation) {
  const auto it = std::find_if(operation.inputs.begin(), operation.inputs.end(),
                               [](const mil::Argument& argument) { return argument.name == "input"; });
  return std::get<mil::ValueId>(it->bindings.front());
}

}  // namespace

// The values of one run.
class Interpreter::Run : public mil::Evaluation {
 public:
  Run(const Interpreter& owner, States& states, const Probe& probe)
      : owner_(owner), states_(states), probe_(probe), values_(owner.function_.values.size()) {}

  void bind(mil::ValueId id, Tensor tensor) { values_[static_cast<size_t>(id)] = std::move(tensor); }

  // A result, at the end of the run.
  Tensor give(mil::ValueId id) {
    return owner_.constants_.has(id) ? owner_.constants_.at(id) : std::move(values_[static_cast<size_t>(id)]);
  }

  void step(const Step& step) {
    step_ = &step;
    try {
      step.instance->eval(*this);
    } catch (const Error& error) {
      fail(error.code(), "function {}: {}: {}", owner_.function_.name, step.operation->name, error.what());
    }
    for (const mil::ValueId id : step.dead_after) values_[static_cast<size_t>(id)] = Tensor();
  }

  const Tensor& get(mil::Value value) override {
    return owner_.constants_.has(value.id) ? owner_.constants_.at(value.id) : values_[static_cast<size_t>(value.id)];
  }
  Tensor take(mil::Value value) override {
    const auto& dead = step_->dead_after;
    if (std::find(dead.begin(), dead.end(), value.id) == dead.end()) return get(value);
    return std::move(values_[static_cast<size_t>(value.id)]);
  }
  void set(Tensor result, size_t output) override {
    const mil::ValueInfo& info = owner_.function_.value(step_->operation->outputs[output]);
    if (!fits(result.shape(), info.type) || result.dtype() != info.type.dtype) {
      fail(ErrorCode::corrupt, "result is {}{}, declared as {}", name_of(result.dtype()), to_string(result.shape()),
           to_string(info.type));
    }
    if (owner_.math_ == Math::fp16 && holds_wide_floats(result)) result = rounded(std::move(result));
    if (probe_) probe_(info, result);
    bind(step_->operation->outputs[output], std::move(result));
  }
  const mil::Type& result_type(size_t output) const override {
    return owner_.function_.value(step_->operation->outputs[output]).type;
  }
  size_t result_count() const override { return step_->operation->outputs.size(); }
  Tensor read_state(mil::Value state) override {
    Tensor& tensor = states_.at(owner_.function_.value(state.id).name);
    // A state that is about to be replaced is handed over, so that its update happens in place.
    return step_->replaces_state ? std::move(tensor) : tensor;
  }
  void write_state(mil::Value state, Tensor value) override {
    Tensor& tensor = states_.at(owner_.function_.value(state.id).name);
    if (!value.is_stored()) {
      require(value.dtype() == DType::f16, ErrorCode::unsupported, "state of {}: want fp16", name_of(value.dtype()));
      Tensor stored = Tensor::zeros_stored(value.dtype(), value.shape());
      const Floats floats = value.floats();
      const auto bytes = stored.mutable_stored();
      floats_to_halves(floats.span(), {reinterpret_cast<uint16_t*>(bytes.data()), floats.size()});
      value = std::move(stored);
    }
    tensor = std::move(value);
  }

 private:
  const Interpreter& owner_;
  States& states_;
  const Probe& probe_;
  const Step* step_ = nullptr;
  std::vector<Tensor> values_;
};

Interpreter::Interpreter(const mil::Function& function, Math math)
    : function_(function), math_(math), constants_(function) {
  for (const mil::Operation& operation : function.operations) {
    if (constants_.evaluate(operation)) continue;
    steps_.push_back({&operation, mil::instantiate(function, operation), {}, false});
  }
  find_last_uses();
  find_replaced_states();
}

void Interpreter::find_last_uses() {
  std::vector<bool> used_later(function_.values.size(), false);
  for (const mil::ValueId id : function_.outputs) used_later[static_cast<size_t>(id)] = true;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    const auto visit = [&](mil::ValueId id) {
      const auto at = static_cast<size_t>(id);
      if (used_later[at] || constants_.has(id)) return;
      used_later[at] = true;
      step->dead_after.push_back(id);
    };
    for_each_operand(*step->operation, visit);
    for (const mil::ValueId id : step->operation->outputs) visit(id);
  }
}

std::vector<bool> Interpreter::steps_without(std::string_view unwanted) const {
  std::vector<bool> is_wanted(function_.values.size(), false), steps(steps_.size());
  for (const mil::ValueId id : function_.outputs) {
    is_wanted[static_cast<size_t>(id)] = function_.value(id).name != unwanted;
  }
  for (size_t i = steps_.size(); i-- > 0;) {
    const mil::Operation& operation = *steps_[i].operation;
    const auto& results = operation.outputs;
    steps[i] = operation.type == mil::WriteState::kName ||
               std::any_of(results.begin(), results.end(),
                           [&](mil::ValueId id) { return is_wanted[static_cast<size_t>(id)]; });
    if (steps[i]) for_each_operand(operation, [&](mil::ValueId id) { is_wanted[static_cast<size_t>(id)] = true; });
  }
  return steps;
}

void Interpreter::find_replaced_states() {
  std::map<mil::ValueId, bool> is_written_next;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    const std::string& type = step->operation->type;
    if (type == mil::WriteState::kName) is_written_next[state_of(*step->operation)] = true;
    if (type == mil::ReadState::kName) {
      bool& written = is_written_next[state_of(*step->operation)];
      step->replaces_state = written;
      written = false;
    }
  }
}

Interpreter::Values Interpreter::run(const Values& inputs, States& states, const Probe& probe,
                                     std::string_view unwanted) const {
  Run run(*this, states, probe);
  for (const mil::ValueId id : function_.inputs) {
    const auto& [name, type, producer] = function_.value(id);
    if (type.is_state) continue;
    const auto it = inputs.find(name);
    if (it == inputs.end()) {
      fail(ErrorCode::invalid, "function {}: input {} is missing; want {}", function_.name, name, to_string(type));
    }
    const Tensor& tensor = it->second;
    if (tensor.dtype() != type.dtype || !fits(tensor.shape(), type)) {
      fail(ErrorCode::invalid, "function {}: input {}: got {}{}, want {}", function_.name, name,
           name_of(tensor.dtype()), to_string(tensor.shape()), to_string(type));
    }
    run.bind(id, holds_wide_floats(tensor) ? rounded(tensor) : tensor);
  }
  for (const auto& [name, tensor] : inputs) {
    const auto is_named = [&, &wanted = name](mil::ValueId id) {
      return function_.value(id).name == wanted && !function_.value(id).type.is_state;
    };
    if (std::any_of(function_.inputs.begin(), function_.inputs.end(), is_named)) continue;
    fail(ErrorCode::invalid, "function {}: has no input {}", function_.name, printable(name));
  }
  const std::vector<bool> steps = unwanted.empty() ? std::vector<bool>() : steps_without(unwanted);
  try {
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (steps.empty() || steps[i]) run.step(steps_[i]);
    }
  } catch (...) {
    states.clear();  // one may have been handed over to an operation that failed
    throw;
  }
  Values outputs;
  for (const mil::ValueId id : function_.outputs) {
    const std::string& name = function_.value(id).name;
    if (outputs.contains(name) || name == unwanted) continue;
    Tensor tensor = run.give(id);
    outputs[name] = holds_wide_floats(tensor) ? rounded(std::move(tensor)) : std::move(tensor);
  }
  return outputs;
}

}  // namespace cortland
