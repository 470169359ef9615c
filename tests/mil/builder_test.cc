#include "mil/builder.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::mil {
namespace {

std::vector<std::string> value_names(const Function& function) {
  std::vector<std::string> names;
  for (const ValueInfo& value : function.values) names.push_back(value.name);
  return names;
}

TEST(Builder, ResultsAreTypedAtOnceAndKnowTheirProducer) {
  Builder builder("decode", Opset::coreml8);
  const Value x = builder.input("x", {DType::f16, {2, 1}}), y = builder.input("y", {DType::f16, {3}});
  const Value sum = builder.add("sum", Add{.x = x, .y = y});
  EXPECT_EQ(to_string(builder.type(sum)), "fp16[2, 3]");
  builder.output(sum, "out");
  const Function function = builder.finish();
  EXPECT_EQ(function.name, "decode");
  EXPECT_EQ(function.opset, "CoreML8");
  EXPECT_EQ(value_names(function), (std::vector<std::string>{"x", "y", "out"}));
  EXPECT_EQ(function.inputs, (std::vector<ValueId>{0, 1}));
  EXPECT_EQ(function.outputs, (std::vector<ValueId>{2}));
  EXPECT_EQ(function.value(0).producer, -1);
  EXPECT_EQ(function.value(2).producer, 0);
  ASSERT_EQ(function.operations.size(), 1u);
  const Operation& operation = function.operations[0];
  EXPECT_EQ(operation.type, "add");
  EXPECT_EQ(operation.name, "sum");
  EXPECT_EQ(operation.row, find_op("add", Opset::coreml8));
  EXPECT_EQ(operation.inputs[0].name, "x");
  EXPECT_EQ(operation.inputs[0].bindings, std::vector<Binding>{Binding(ValueId{0})});
  EXPECT_EQ(operation.outputs, (std::vector<ValueId>{2}));
}

TEST(Builder, TakenNamesGetANumber) {
  Builder builder("main", Opset::coreml8);
  const Value x = builder.input("x", {DType::f16, {4}});
  builder.add("y", Relu{.x = x});
  builder.add("y", Relu{.x = x});
  builder.add("y_2", Relu{.x = x});
  builder.add("y", Relu{.x = x});
  builder.add("x", Relu{.x = x});
  builder.add("part", Split{.x = x, .num_splits = 2});
  builder.add("part_1", Relu{.x = x});
  EXPECT_EQ(value_names(builder.finish()),
            (std::vector<std::string>{"x", "y", "y_1", "y_2", "y_3", "x_1", "part", "part_1", "part_1_1"}));
}

TEST(Builder, InputsAndOutputsKeepTheirNamesOrFail) {
  Builder builder("main", Opset::coreml8);
  const Value x = builder.input("x", {DType::f16, {4}});
  const Value y = builder.add("y", Relu{.x = x});
  EXPECT_EQ(failure([&] { builder.input("x", {}); }), "invalid: function main: input x appears twice");
  EXPECT_EQ(failure([&] { builder.input("y", {}); }), "invalid: function main: input y appears twice");
  EXPECT_EQ(failure([&] { builder.output(y, "x"); }), "invalid: function main: the name x is taken");
}

TEST(Builder, AnOperationThatBreaksItsRuleIsRefusedByName) {
  Builder builder("main", Opset::coreml8);
  const Value x = builder.input("x", {DType::f16, {4}}), n = builder.input("n", {DType::i32, {4}});
  EXPECT_EQ(failure([&] { builder.add("sum", Add{.x = x, .y = n}); }),
            "corrupt: sum (add): operands x and n: got fp16[4] and int32[4], want one element type");
  EXPECT_EQ(failure([&] { builder.add("bad", Relu{.x = n}); }),
            "corrupt: bad (relu): operand n: got int32[4], want fp16 or fp32");
  EXPECT_EQ(failure([&] { builder.add("bad", Relu{.x = Value{}}); }), "corrupt: bad_1 (relu): parameter x is missing");
}

TEST(Builder, AnEffectHasNoResult) {
  Builder builder("main", Opset::coreml8);
  const Value state = builder.input("kv", {DType::f16, {2}, true}), x = builder.input("x", {DType::f16, {2}});
  builder.add_effect("write", WriteState{.input = state, .data = x});
  const Function function = builder.finish();
  EXPECT_EQ(function.values.size(), 2u);
  EXPECT_TRUE(function.operations.at(0).outputs.empty());
}

TEST(Builder, ConstantsAreSharedByPayloadKeyAndType) {
  Builder builder("main", Opset::coreml8);
  const std::vector<std::byte> zeros(8);
  const Value a = builder.constant("a", make_bytes_payload(DType::f16, {4}, zeros));
  EXPECT_EQ(builder.constant("b", make_bytes_payload(DType::f16, {4}, zeros)), a);
  // The same bytes as something else are another constant.
  const Value reshaped = builder.constant("c", make_bytes_payload(DType::f16, {2, 2}, zeros));
  const Value retyped = builder.constant("d", make_bytes_payload(DType::f32, {2}, zeros));
  EXPECT_EQ(to_string(builder.type(a)), "fp16[4]");
  EXPECT_EQ(to_string(builder.type(reshaped)), "fp16[2, 2]");
  EXPECT_EQ(to_string(builder.type(retyped)), "fp32[2]");
  std::vector<std::byte> other = zeros;
  other[0] = std::byte{1};
  EXPECT_NE(builder.constant("e", make_bytes_payload(DType::f16, {4}, other)), a);
  EXPECT_EQ(to_string(builder.type(builder.constant("f", Literal::of(std::vector<int32_t>{1, 2})))), "int32[2]");
  EXPECT_EQ(value_names(builder.finish()), (std::vector<std::string>{"a", "c", "d", "e", "f"}));
}

}  // namespace
}  // namespace cortland::mil
