#include "interp/interpreter.h"

#include <gtest/gtest.h>

#include <limits>

#include "interp/machine.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "tensor/numbers.h"

namespace cortland {
namespace {

using mil::Builder;
using mil::Value;

using Numbers = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr Math kBoth[] = {Math::fp32, Math::fp16};

mil::PayloadPtr weights(DType dtype, Shape shape, const Numbers& values) {
  return mil::make_bytes_payload(dtype, std::move(shape), stored_as(dtype, values));
}

// out = relu(x w + b), then x behind it; ends = the rows of w that `rows` names. x fp16[1, 2]
mil::Function layer() {
  Builder b("main", mil::Opset::coreml8);
  const Value x = b.input("x", {DType::f16, {1, 2}}), rows = b.input("rows", {DType::i32, {2}});
  const Value w = b.constant("w", weights(DType::f16, {2, 2}, {1, 2, 3, -4}));
  const Value bias = b.constant("bias", weights(DType::f16, {2}, {4, 0.5f}));
  const Value product = b.add("product", mil::Matmul{.x = x, .y = w});
  const Value sum = b.add("sum", mil::Add{.x = product, .y = bias});
  const Value y = b.add("y", mil::Relu{.x = sum});
  b.output(b.add("joined", mil::Concat{.values = {y, x}, .axis = 1}), "out");
  b.output(b.add("found", mil::Gather{.x = w, .indices = rows}), "ends");
  return b.finish();
}

const Interpreter::Values kLayerInputs = {{"x", floats({1, 2}, {1, -2}, DType::f16)}, {"rows", ints({2}, {1, 0})}};

// out = (x + y) - x
mil::Function there_and_back(DType dtype, Shape shape) {
  Builder b("main", mil::Opset::coreml8);
  const Value x = b.input("x", {dtype, shape}), y = b.input("y", {dtype, shape});
  const Value sum = b.add("sum", mil::Add{.x = x, .y = y});
  b.output(b.add("difference", mil::Sub{.x = sum, .y = x}), "out");
  return b.finish();
}

TEST(Interpreter, ComputesAFunctionOfSeveralOperations) {
  for (const Math math : kBoth) {
    Machine machine(layer(), math);
    const auto outputs = machine.interpreter.run(kLayerInputs, machine.states);
    ASSERT_EQ(outputs.size(), 2u);
    // x w = [1 - 6, 2 + 8], with the bias [-1, 10.5].
    EXPECT_EQ(values_of(outputs.at("out")), (Numbers{0, 10.5f, 1, -2}));
    EXPECT_EQ(outputs.at("out").shape(), (Shape{1, 4}));
    EXPECT_EQ(outputs.at("out").dtype(), DType::f16);
    EXPECT_EQ(values_of(outputs.at("ends")), (Numbers{3, -4, 1, 2}));
  }
}

TEST(Interpreter, LeavesOutWhatOnlyAnUnwantedOutputNeeds) {
  Machine machine(layer(), Math::fp32);
  std::vector<std::string> seen;
  const auto probe = [&](const mil::ValueInfo& value, const Tensor&) { seen.push_back(value.name); };
  const auto outputs = machine.interpreter.run(kLayerInputs, machine.states, probe, "out");
  EXPECT_EQ(seen, std::vector<std::string>{"ends"});
  const auto all = machine.interpreter.run(kLayerInputs, machine.states);
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(values_of(outputs.at("ends")), values_of(all.at("ends")));
}

TEST(Interpreter, ASecondRunGivesTheSame) {
  Machine machine(layer());
  const auto first = machine.interpreter.run(kLayerInputs, machine.states);
  // Another input in between: nothing of it stays.
  machine.run({{"x", floats({1, 2}, {7, 7}, DType::f16)}, {"rows", ints({2}, {0, 0})}});
  const auto second = machine.interpreter.run(kLayerInputs, machine.states);
  for (const char* name : {"out", "ends"}) EXPECT_EQ(values_of(first.at(name)), values_of(second.at(name))) << name;
}

TEST(Interpreter, ConstantsOfEveryKindAreLoaded) {
  Builder b("main", mil::Opset::coreml8);
  const Value x = b.input("x", {DType::f16, {2}});
  const Value half = b.constant("half", mil::Literal::of(mil::Scalar{0.5f, DType::f16}));
  b.output(b.add("y", mil::Mul{.x = x, .y = half}), "out");
  b.output(b.constant("list", mil::Literal::of(std::vector<int32_t>{4, -5})), "ints");
  b.output(b.constant("blob", weights(DType::f32, {2}, {1.5f, -0.25f})), "wide");
  b.output(b.constant("narrow", weights(DType::f16, {3}, {1, 2, 3})), "halves");
  Machine machine(b.finish(), Math::fp16);
  for (int i = 0; i < 2; ++i) {
    const auto outputs = machine.interpreter.run({{"x", halves({3, -8})}}, machine.states);
    EXPECT_EQ(values_of(outputs.at("out")), (Numbers{1.5f, -4}));
    EXPECT_EQ(values_of(outputs.at("ints")), (Numbers{4, -5}));
    EXPECT_EQ(values_of(outputs.at("wide")), (Numbers{1.5f, -0.25f}));
    EXPECT_EQ(values_of(outputs.at("halves")), (Numbers{1, 2, 3}));
  }
}

TEST(Interpreter, Fp16RoundsEveryResultAndFp32None) {
  // fp16 has steps of 2 from 2048 on, and ends at 65504.
  const Interpreter::Values inputs = {{"x", halves({2048, 60000})}, {"y", halves({1, 60000})}};
  EXPECT_EQ(Machine(there_and_back(DType::f16, {2}), Math::fp32).run(inputs), (Numbers{1, 60000}));
  EXPECT_EQ(Machine(there_and_back(DType::f16, {2}), Math::fp16).run(inputs), (Numbers{0, kInf}));
}

TEST(Interpreter, Fp16LeavesWhatIsDeclaredFp32) {
  const Interpreter::Values inputs = {{"x", floats({2}, {2048, 60000})}, {"y", floats({2}, {1, 60000})}};
  for (const Math math : kBoth) {
    EXPECT_EQ(Machine(there_and_back(DType::f32, {2}), math).run(inputs), (Numbers{1, 60000}));
  }
}

TEST(Interpreter, SumsInsideAnOperationStayFp32) {
  Builder b("main", mil::Opset::coreml8);
  const Value x = b.input("x", {DType::f16, {1, 3}}), y = b.input("y", {DType::f16, {3, 1}});
  b.output(b.add("product", mil::Matmul{.x = x, .y = y}), "out");
  Machine machine(b.finish(), Math::fp16);
  // 2048 + 1 is 2048 in fp16, so that one by one the ones were lost.
  const Tensor row = floats({1, 3}, {2048, 1, 1}, DType::f16), ones = floats({3, 1}, {1, 1, 1}, DType::f16);
  EXPECT_EQ(machine.run({{"x", row}, {"y", ones}}), Numbers{2050});
}

TEST(Interpreter, InputsAndOutputsAreRoundedAsDeclared) {
  Builder b("main", mil::Opset::coreml8);
  const Value narrow = b.input("narrow", {DType::f16, {4}}), wide = b.input("wide", {DType::f32, {4}});
  b.output(b.add("a", mil::Cast{.x = narrow, .dtype = "fp32"}), "input");
  const Value half = b.add("b", mil::Cast{.x = wide, .dtype = "fp16"});
  b.output(b.add("c", mil::Cast{.x = half, .dtype = "fp32"}), "between");
  b.output(half, "output");
  const mil::Function function = b.finish();
  const Numbers given = {0.1f, 2049, 65519, 65520}, rounded = {0.0999755859375f, 2048, 65504, kInf};
  const Interpreter::Values inputs = {{"narrow", halves(given)}, {"wide", floats({4}, given)}};
  for (const Math math : kBoth) {
    Machine machine(function, math);
    const auto outputs = machine.interpreter.run(inputs, machine.states);
    EXPECT_EQ(values_of(outputs.at("input")), rounded);
    EXPECT_EQ(values_of(outputs.at("output")), rounded);
    EXPECT_EQ(values_of(outputs.at("between")), math == Math::fp32 ? given : rounded);
  }
}

TEST(Interpreter, AnInputIsLeftAsItWas) {
  const Tensor x = halves({0.1f}), y = halves({0});
  Machine(there_and_back(DType::f16, {1}), Math::fp16).run({{"x", x}, {"y", y}});
  EXPECT_EQ(values_of(x), Numbers{0.1f});
}

TEST(Interpreter, TheProbeSeesEveryResultInOrder) {
  Builder b("main", mil::Opset::coreml8);
  const Value x = b.input("x", {DType::f16, {2}});
  const Value one = b.constant("one", mil::Literal::of(mil::Scalar{1, DType::f16}));
  const Value sum = b.add("sum", mil::Add{.x = x, .y = one});
  b.add("part", mil::Split{.x = sum, .num_splits = 2});
  b.output(b.add("last", mil::Relu{.x = sum}), "out");
  const mil::Function function = b.finish();
  using Results = std::vector<std::pair<std::string, Numbers>>;
  for (const Math math : kBoth) {
    Machine machine(function, math);
    Results seen;
    const auto probe = [&](const mil::ValueInfo& value, const Tensor& tensor) {
      seen.emplace_back(value.name + " " + to_string(value.type), values_of(tensor));
    };
    machine.interpreter.run({{"x", halves({2048, -3})}}, machine.states, probe);
    const float large = math == Math::fp32 ? 2049 : 2048;
    EXPECT_EQ(seen, (Results{{"sum fp16[2]", {large, -2}},
                             {"part fp16[1]", {large}},
                             {"part_1 fp16[1]", {-2}},
                             {"out fp16[2]", {large, 0}}}));
  }
}

TEST(Interpreter, FlexibleDimensionsTakeAnyLength) {
  Machine machine(there_and_back(DType::f16, {kUnknown}));
  EXPECT_EQ(machine.run({{"x", halves({1})}, {"y", halves({2})}}), Numbers{2});
  EXPECT_EQ(machine.run({{"x", halves({1, 2, 3})}, {"y", halves({4, 5, 6})}}), (Numbers{4, 5, 6}));
  EXPECT_EQ(failure([&] { machine.run({{"x", halves({1, 2})}, {"y", halves({1, 2, 3})}}); }),
            "invalid: function main: sum: add: shapes [2] and [3] do not broadcast");
}

TEST(Interpreter, InputsMustBeThoseOfTheFunction) {
  Machine machine(there_and_back(DType::f16, {2}));
  const auto refused = [&](const Interpreter::Values& inputs) { return failure([&] { machine.run(inputs); }); };
  const Tensor good = halves({1, 2});
  EXPECT_EQ(refused({{"x", good}}), "invalid: function main: input y is missing; want fp16[2]");
  EXPECT_EQ(refused({{"x", good}, {"y", floats({2}, {1, 2})}}),
            "invalid: function main: input y: got fp32[2], want fp16[2]");
  EXPECT_EQ(refused({{"x", ints({2}, {1, 2})}, {"y", good}}),
            "invalid: function main: input x: got int32[2], want fp16[2]");
  EXPECT_EQ(refused({{"x", good}, {"y", halves({1, 2, 3})}}),
            "invalid: function main: input y: got fp16[3], want fp16[2]");
  EXPECT_EQ(refused({{"x", good}, {"y", floats({2, 1}, {1, 2}, DType::f16)}}),
            "invalid: function main: input y: got fp16[2, 1], want fp16[2]");
  EXPECT_EQ(refused({{"x", good}, {"y", good}, {"z\n", good}}), "invalid: function main: has no input z\\x0a");
  // A result is no input.
  EXPECT_EQ(refused({{"x", good}, {"y", good}, {"sum", good}}), "invalid: function main: has no input sum");
  EXPECT_EQ(refused({{"x", good}, {"y", good}}), "no error");
}

TEST(Interpreter, AResultMustBeWhatIsDeclared) {
  const Interpreter::Values inputs = {{"x", halves({1, 2})}, {"y", halves({3, 4})}};
  const auto refused = [&](const mil::Type& declared) {
    mil::Function function = there_and_back(DType::f16, {2});
    function.values[static_cast<size_t>(function.find_value("sum"))].type = declared;
    return failure([&] { Machine(function).run(inputs); });
  };
  EXPECT_EQ(refused({DType::f16, {3}}), "corrupt: function main: sum: result is fp16[2], declared as fp16[3]");
  EXPECT_EQ(refused({DType::f32, {2}}), "corrupt: function main: sum: result is fp16[2], declared as fp32[2]");
  EXPECT_EQ(refused({DType::f16, {2, 1}}), "corrupt: function main: sum: result is fp16[2], declared as fp16[2, 1]");
  EXPECT_EQ(refused({DType::f16, {kUnknown}}), "no error");
}

TEST(Interpreter, OperationsThatCannotRunAreRefusedBeforeARun) {
  mil::Function unknown = there_and_back(DType::f16, {2});
  unknown.operations[1].type = "no_such";
  unknown.operations[1].row = nullptr;
  EXPECT_EQ(failure([&] { Interpreter(unknown, Math::fp32); }),
            "unsupported: difference: operation \"no_such\" is not known");
  mil::Function partial = there_and_back(DType::f16, {2});
  partial.operations[0].inputs.pop_back();
  EXPECT_EQ(failure([&] { Interpreter(partial, Math::fp32); }), "corrupt: sum (add): parameter y is missing");
  Builder packed("main", mil::Opset::coreml8);
  packed.constant("w", mil::make_bytes_payload(DType::u4, {2}, {std::byte{0x21}}));
  const mil::Function function = packed.finish();
  EXPECT_EQ(failure([&] { Interpreter(function, Math::fp32); }),
            "unsupported: function main: w: constant of uint4[2]: its elements cannot be read as numbers");
}

}  // namespace
}  // namespace cortland
