#include "lint/cases.h"

#include "base/error.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"

namespace cortland::lint {
namespace {

class SizedWeights : public mil::Payload {
 public:
  SizedWeights(DType dtype, Shape shape)
      : key_(std::string(name_of(dtype)) + cortland::to_string(shape)), dtype_(dtype), shape_(std::move(shape)) {}
  const std::string& key() const override { return key_; }
  DType dtype() const override { return dtype_; }
  const Shape& shape() const override { return shape_; }
  void produce(uint64_t, std::span<std::byte>) const override { throw std::logic_error("lint reads weights"); }

 private:
  std::string key_;
  DType dtype_;
  Shape shape_;
};

}  // namespace

Package make_package(const Program& program) {
  mil::Builder b("main", mil::Opset::coreml8);
  const mil::Value x = b.input("x", {DType::f16, {1, 64, 1, 64}});
  const mil::Value y = program.body(b, x);
  b.output(y, "y");
  Package package;
  package.program.functions = {b.finish()};
  package.default_function = "main";
  if (program.change) program.change(package);
  return package;
}

mil::Value pass(mil::Builder& b, mil::Value x) { return b.add("pass", mil::Relu{.x = x}); }

mil::Value convolved(mil::Builder& b, mil::Value x) {
  return b.add("conv", mil::Conv{.x = x, .weight = b.constant("weight", sized_weights({64, 64, 1, 1}))});
}

mil::Value wide_output(mil::Builder& b, mil::Value x) {
  return b.add("cast", mil::Cast{.x = pass(b, x), .dtype = "fp32"});
}

Body of_input(Shape shape) {
  return
      [=](mil::Builder& b, mil::Value) { return b.add("relu", mil::Relu{.x = b.input("input", {DType::f16, shape})}); };
}

mil::Operation& find_operation(Package& package, std::string_view name) {
  for (mil::Operation& operation : package.program.functions.front().operations) {
    if (operation.name == name) return operation;
  }
  throw std::logic_error("no operation " + std::string(name));
}

Change retype(std::string operation, std::string type) {
  return [=](Package& package) {
    mil::Operation& found = find_operation(package, operation);
    found.type = type;
    found.row = nullptr;
  };
}

void set_parameter(mil::Operation& operation, const std::string& parameter, std::vector<mil::Binding> bindings) {
  for (mil::Argument& argument : operation.inputs) {
    if (argument.name == parameter) {
      argument.bindings = std::move(bindings);
      return;
    }
  }
  throw std::logic_error("no parameter " + parameter);
}

Change set_literal(std::string operation, std::string parameter, mil::Literal literal) {
  return [=](Package& package) { set_parameter(find_operation(package, operation), parameter, {literal}); };
}

mil::PayloadPtr sized_weights(Shape shape, DType dtype) {
  return std::make_shared<SizedWeights>(dtype, std::move(shape));
}

std::string contract_text(double mask) {
  return R"({"version": 1, "profile": "ane", "context": 64, "vocabulary": 32, "functions": [{"name": "main", "role": "decode", "tokens": 1}],
 "ids": "ids", "position": "position", "logits": "y", "mask": {"value": )" +
         std::to_string(mask) + R"(, "inputs": [{"name": "mask", "window": null}]},
 "rope": [{"cos": "cos", "sin": "sin", "inv_freq": [1.0], "attention_factor": 1.0}], "cache": {"kind": "state", "names": ["kv"], "slots": "position"},
 "embedding": "graph", "parts": [], "bos": 1, "eos": [2]})";
}

}  // namespace cortland::lint
