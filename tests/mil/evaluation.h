// Runs small functions op by op: the least that the meaning of an op needs.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "base/failure.h"
#include "mil/builder.h"

namespace cortland::mil {

// 0, 1, ... n - 1
inline std::vector<float> count_to(size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

class TestEvaluation : public Evaluation {
 public:
  // `values` holds the inputs; the results join them.
  TestEvaluation(const Function& function, std::map<ValueId, Tensor>& values, std::map<ValueId, Tensor>& states)
      : function_(function), values_(values), states_(states) {}

  void run() {
    for (at_ = 0; at_ < function_.operations.size(); ++at_) instantiate(function_, operation())->eval(*this);
  }

  const Tensor& get(Value value) override { return values_.at(value.id); }
  Tensor take(Value value) override {
    if (used_later(value.id)) return get(value);
    return std::move(values_.extract(value.id).mapped());
  }
  void set(Tensor result, size_t output) override { values_[operation().outputs.at(output)] = std::move(result); }
  const Type& result_type(size_t output) const override { return function_.value(operation().outputs.at(output)).type; }
  size_t result_count() const override { return operation().outputs.size(); }
  Tensor read_state(Value state) override { return states_.at(state.id); }
  void write_state(Value state, Tensor value) override { states_[state.id] = std::move(value); }

 private:
  const Operation& operation() const { return function_.operations[at_]; }
  bool used_later(ValueId id) const {
    for (size_t i = at_ + 1; i < function_.operations.size(); ++i) {
      for (const Argument& argument : function_.operations[i].inputs) {
        for (const Binding& binding : argument.bindings) {
          const auto* used = std::get_if<ValueId>(&binding);
          if (used != nullptr && *used == id) return true;
        }
      }
    }
    return false;
  }

  const Function& function_;
  std::map<ValueId, Tensor>& values_;
  std::map<ValueId, Tensor>& states_;
  size_t at_ = 0;
};

inline Tensor floats(Shape shape, std::vector<float> values, DType dtype = DType::f32) {
  return Tensor::of_floats(dtype, std::move(shape), std::move(values));
}
inline Tensor ints(Shape shape, std::vector<int32_t> values, DType dtype = DType::i32) {
  return Tensor::of_ints(dtype, std::move(shape), std::move(values));
}
inline std::vector<float> values_of(const Tensor& t) {
  if (is_float(t.dtype())) {
    const Floats values = t.floats();
    return {values.span().begin(), values.span().end()};
  }
  return {t.ints().begin(), t.ints().end()};
}

// One operation named "op" on inputs named a, b, c, ...
class OpTest : public testing::Test {
 protected:
  Value input(Type type) { return builder_.input(std::string(1, next_name_++), std::move(type)); }
  // An input of a type that may have unknown dimensions, and what it holds in a run.
  Value input(Type type, Tensor tensor) {
    const Value value = input(std::move(type));
    (builder_.type(value).is_state ? states_ : tensors_)[value.id] = std::move(tensor);
    return value;
  }
  Value input(const Tensor& tensor) { return input({tensor.dtype(), tensor.shape()}, tensor); }

  // The types of the results, or why there are none.
  template <MilOp Op>
  std::string type_of(const Op& op) {
    std::string text;
    const std::string failed = failure([&] {
      const Function function = with(op);
      for (const ValueId id : function.operations.back().outputs) {
        text += (text.empty() ? "" : ", ") + to_string(function.value(id).type);
      }
    });
    return failed == "no error" ? text : failed;
  }

  // The results, checked against the types that were inferred.
  template <MilOp Op>
  std::vector<Tensor> run_all(const Op& op) {
    const Function function = with(op);
    std::map<ValueId, Tensor> values = tensors_;
    TestEvaluation(function, values, states_).run();
    std::vector<Tensor> results;
    for (const ValueId id : function.operations.back().outputs) {
      results.push_back(values.at(id));
      const Type& type = function.value(id).type;
      EXPECT_EQ(results.back().dtype(), type.dtype);
      EXPECT_EQ(results.back().shape().size(), type.shape.size());
      for (size_t i = 0; i < type.shape.size(); ++i) {
        if (type.shape[i] == kUnknown) continue;
        EXPECT_EQ(results.back().shape()[i], type.shape[i]) << "axis " << i;
      }
    }
    return results;
  }
  template <MilOp Op>
  Tensor run(const Op& op) {
    return run_all(op).at(0);
  }

  Builder builder_{"main", Opset::coreml8};
  std::map<ValueId, Tensor> states_;

 private:
  template <MilOp Op>
  Function with(const Op& op) {
    Builder copy = builder_;
    copy.add_effect("op", op);
    return copy.finish();
  }

  std::map<ValueId, Tensor> tensors_;
  char next_name_ = 'a';
};

}  // namespace cortland::mil
