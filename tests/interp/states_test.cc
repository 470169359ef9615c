#include "interp/states.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "interp/machine.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"
#include "tensor/numbers.h"

namespace cortland {
namespace {

using mil::Builder;
using mil::Opset;
using mil::ReadState;
using mil::Value;
using mil::WriteState;

using Numbers = std::vector<float>;

enum class Reads { once, twice };

// kv[at] = x, then out = kv. The first of two reads is not the last before the write, and the second, `before`, is used
// to the end: the state cannot be handed over to the update.
mil::Function store(Reads reads = Reads::once, const std::string& name = "main") {
  Builder b(name, Opset::coreml8);
  const Value kv = b.input("kv", {DType::f16, {3}, true});
  const Value x = b.input("x", {DType::f16, {1}}), at = b.input("at", {DType::i32, {1}});
  const Value one = b.constant("one", mil::Literal::of(std::vector<int32_t>{1}));
  const Value end = b.add("end", mil::Add{.x = at, .y = one});
  const Value old = b.add("old", ReadState{.input = kv});
  if (reads == Reads::twice) b.output(b.add("again", ReadState{.input = kv}), "before");
  const Value updated = b.add("updated", mil::SliceUpdate{.x = old, .update = x, .begin = at, .end = end});
  b.add_effect("write", WriteState{.input = kv, .data = updated});
  b.output(b.add("now", ReadState{.input = kv}), "out");
  return b.finish();
}

Interpreter::Values slot(int32_t at, float x) { return {{"at", ints({1}, {at})}, {"x", halves({x})}}; }

mil::Function reader(const std::string& name, const mil::Type& type) {
  Builder b(name, Opset::coreml8);
  b.output(b.add("now", ReadState{.input = b.input("kv", type)}), "out");
  return b.finish();
}

TEST(States, AreWrittenWhenAnOutputIsLeftOut) {
  for (const Reads reads : {Reads::once, Reads::twice}) {
    Machine machine(store(reads));
    EXPECT_EQ(machine.interpreter.run(slot(1, 5), machine.states, {}, "out").count("out"), 0u);
    EXPECT_EQ(machine.state("kv"), (Numbers{0, 5, 0}));
    EXPECT_EQ(machine.run(slot(2, 7)), (Numbers{0, 5, 7}));
  }
}

TEST(States, StartAtZeroAreKeptBetweenRunsAndCleared) {
  Machine machine(store());
  EXPECT_EQ(machine.states.at("kv").dtype(), DType::f16);
  EXPECT_EQ(machine.states.at("kv").shape(), Shape{3});
  EXPECT_EQ(machine.state("kv"), (Numbers{0, 0, 0}));
  EXPECT_EQ(machine.run(slot(1, 5)), (Numbers{0, 5, 0}));
  EXPECT_EQ(machine.run(slot(2, 7)), (Numbers{0, 5, 7}));
  EXPECT_EQ(machine.state("kv"), (Numbers{0, 5, 7}));
  machine.states.clear();
  EXPECT_EQ(machine.state("kv"), (Numbers{0, 0, 0}));
  EXPECT_EQ(machine.run(slot(0, 2)), (Numbers{2, 0, 0}));
}

TEST(States, AreSharedByTheFunctionsOfAProgram) {
  const mil::Program program{{store(Reads::once, "decode"), reader("prefill", {DType::f16, {3}, true})}};
  States states(program), others(program);
  const Interpreter decode(program.functions[0], Math::fp32), prefill(program.functions[1], Math::fp32);
  decode.run(slot(1, 4), states);
  EXPECT_EQ(values_of(prefill.run({}, states).at("out")), (Numbers{0, 4, 0}));
  EXPECT_EQ(values_of(prefill.run({}, others).at("out")), (Numbers{0, 0, 0}));
}

TEST(States, FunctionsMustAgreeOnTheType) {
  const auto refused = [](const mil::Type& type) {
    return failure([&] { States(mil::Program{{store(Reads::once, "decode"), reader("prefill", type)}}); });
  };
  EXPECT_EQ(refused({DType::f16, {4}, true}),
            "corrupt: function prefill: state kv: got state<fp16[4]>, but another function declares state<fp16[3]>");
  EXPECT_EQ(refused({DType::f32, {3}, true}),
            "corrupt: function prefill: state kv: got state<fp32[3]>, but another function declares state<fp16[3]>");
  EXPECT_EQ(refused({DType::f16, {3}, true}), "no error");
}

TEST(States, AReadThatIsReplacedGivesWhatAnyReadGives) {
  Machine replaced(store()), kept(store(Reads::twice));
  const Numbers want[] = {{0, 0, 0}, {0, 1, 0}, {0, 1, 2}, {3, 1, 2}, {3, 4, 2}};
  for (int32_t i = 1; i < 5; ++i) {
    const auto inputs = slot(i % 3, static_cast<float>(i));
    EXPECT_EQ(replaced.run(inputs), want[i]);
    const auto outputs = kept.interpreter.run(inputs, kept.states);
    EXPECT_EQ(values_of(outputs.at("out")), want[i]);
    EXPECT_EQ(values_of(outputs.at("before")), want[i - 1]);
  }
}

TEST(States, AReadThatIsReplacedIsUpdatedInPlace) {
  for (const Reads reads : {Reads::once, Reads::twice}) {
    Machine machine(store(reads));
    const std::byte* before = machine.states.at("kv").stored().data();
    machine.run(slot(1, 5));
    EXPECT_EQ(machine.states.at("kv").stored().data() == before, reads == Reads::once);
  }
}

TEST(States, EachReadSeesTheWriteBeforeIt) {
  Builder b("main", Opset::coreml8);
  const Value kv = b.input("kv", {DType::f16, {1}, true}), x = b.input("x", {DType::f16, {1}});
  const Value first = b.add("first", ReadState{.input = kv});
  b.add_effect("write", WriteState{.input = kv, .data = b.add("a", mil::Add{.x = first, .y = x})});
  const Value second = b.add("second", ReadState{.input = kv});
  b.add_effect("write", WriteState{.input = kv, .data = b.add("b", mil::Add{.x = second, .y = x})});
  b.output(first, "first_out");
  b.output(second, "second_out");
  Machine machine(b.finish());
  machine.run({{"x", halves({10})}}, "first_out");
  const auto outputs = machine.interpreter.run({{"x", halves({1})}}, machine.states);
  EXPECT_EQ(values_of(outputs.at("first_out")), Numbers{20});
  EXPECT_EQ(values_of(outputs.at("second_out")), Numbers{21});
  EXPECT_EQ(machine.state("kv"), Numbers{22});
}

TEST(States, AnUpdateLeavesWhatIsStillUsed) {
  Builder b("main", Opset::coreml8);
  const Value kv = b.input("kv", {DType::f16, {3}, true}), x = b.input("x", {DType::f16, {1}});
  const Value old = b.add("old", ReadState{.input = kv});
  const Value updated = b.add("updated", mil::SliceUpdate{.x = old,
                                                          .update = x,
                                                          .begin = std::vector<int32_t>{1},
                                                          .end = std::vector<int32_t>{2}});
  b.add_effect("write", WriteState{.input = kv, .data = updated});
  b.output(b.add("change", mil::Sub{.x = updated, .y = old}), "out");
  Machine machine(b.finish());
  EXPECT_EQ(machine.run({{"x", halves({5})}}), (Numbers{0, 5, 0}));
  EXPECT_EQ(machine.run({{"x", halves({7})}}), (Numbers{0, 2, 0}));
}

TEST(States, AnOutputThatIsTheStateStaysAsItWas) {
  Machine machine(store());
  const Tensor first = machine.interpreter.run(slot(1, 5), machine.states).at("out");
  EXPECT_EQ(first.stored().data(), machine.states.at("kv").stored().data());
  machine.run(slot(1, 6));
  EXPECT_EQ(values_of(first), (Numbers{0, 5, 0}));
  machine.states.clear();
  EXPECT_EQ(values_of(first), (Numbers{0, 5, 0}));
}

TEST(States, WhatIsWrittenIsNotChangedByALaterUpdate) {
  Builder b("main", Opset::coreml8);
  const mil::Type type{DType::f16, {3}, true};
  const Value a = b.input("a", type), c = b.input("c", type), x = b.input("x", {DType::f16, {3}});
  const Value nine = b.constant("nine", mil::make_bytes_payload(DType::f16, {1}, stored_as(DType::f16, {9})));
  const Value w = b.constant("w", mil::make_bytes_payload(DType::f16, {3}, stored_as(DType::f16, {1, 2, 3})));
  const auto write_and_update = [&](Value state, Value data) {
    b.add_effect("write", WriteState{.input = state, .data = data});
    const std::vector<int32_t> begin = {0}, end = {1};
    const Value old = b.add("old", ReadState{.input = state});
    const Value updated = b.add("updated", mil::SliceUpdate{.x = old, .update = nine, .begin = begin, .end = end});
    b.add_effect("write", WriteState{.input = state, .data = updated});
  };
  // So that the writes are the last uses.
  b.output(b.add("sum", mil::Add{.x = w, .y = x}), "out");
  write_and_update(a, x);
  write_and_update(c, w);
  Machine machine(b.finish());
  const Tensor given = Tensor::zeros_stored(DType::f16, {3});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(machine.run({{"x", given}}), (Numbers{1, 2, 3}));
    EXPECT_EQ(values_of(given), (Numbers{0, 0, 0}));
    EXPECT_EQ(machine.state("a"), (Numbers{9, 0, 0}));
    EXPECT_EQ(machine.state("c"), (Numbers{9, 2, 3}));
  }
}

// a = x, b = b + x, and between the read and the write of b the row `at` of b, which may not exist.
mil::Function fragile() {
  Builder b("main", Opset::coreml8);
  const Value x = b.input("x", {DType::f16, {2}}), at = b.input("at", {DType::i32, {1}});
  const Value first = b.input("a", {DType::f16, {2}, true}), second = b.input("b", {DType::f16, {2}, true});
  b.add_effect("write_a", WriteState{.input = first, .data = x});
  const Value old = b.add("old", ReadState{.input = second});
  b.output(b.add("row", mil::Gather{.x = old, .indices = at}), "out");
  b.add_effect("write_b", WriteState{.input = second, .data = b.add("sum", mil::Add{.x = old, .y = x})});
  return b.finish();
}

class FailedRun : public testing::Test {
 protected:
  static Interpreter::Values inputs(int32_t at) { return {{"x", halves({1, 2})}, {"at", ints({1}, {at})}}; }
  void SetUp() override {
    machine_.run(inputs(0));
    ASSERT_EQ(machine_.state("a"), (Numbers{1, 2}));
    ASSERT_EQ(machine_.state("b"), (Numbers{1, 2}));
  }
  // All states are zero, and as good as new.
  void TearDown() override {
    EXPECT_EQ(machine_.state("a"), (Numbers{0, 0}));
    EXPECT_EQ(machine_.state("b"), (Numbers{0, 0}));
    EXPECT_EQ(machine_.run(inputs(1)), Numbers{0});
    EXPECT_EQ(machine_.run(inputs(1)), Numbers{2});
  }
  Machine machine_{fragile()};
};

TEST_F(FailedRun, OfAnOperationLeavesStatesZero) {
  EXPECT_EQ(failure([&] { machine_.run(inputs(2)); }),
            "invalid: function main: row: gather: index 2 is out of range; want 0 to 1");
}

TEST_F(FailedRun, OfAProbeLeavesStatesZero) {
  const auto probe = [](const mil::ValueInfo& value, const Tensor&) {
    if (value.name == "sum") throw std::runtime_error("enough");
  };
  EXPECT_THROW(machine_.interpreter.run(inputs(0), machine_.states, probe), std::runtime_error);
}

TEST(States, AreNoInputsAndARefusedInputChangesNone) {
  Machine machine(store());
  machine.run(slot(1, 5));
  Interpreter::Values inputs = slot(2, 7);
  inputs["kv"] = halves({1, 2, 3});
  EXPECT_EQ(failure([&] { machine.run(inputs); }), "invalid: function main: has no input kv");
  EXPECT_EQ(failure([&] { machine.run({}); }), "invalid: function main: input x is missing; want fp16[1]");
  EXPECT_EQ(machine.state("kv"), (Numbers{0, 5, 0}));
}

TEST(States, HoldFp16WhateverTheMath) {
  Builder b("main", Opset::coreml8);
  const Value kv = b.input("kv", {DType::f16, {3}, true});
  const Value x = b.input("x", {DType::f16, {3}}), y = b.input("y", {DType::f16, {3}});
  const Value sum = b.add("sum", mil::Add{.x = x, .y = y});
  b.add_effect("write", WriteState{.input = kv, .data = sum});
  const Value now = b.add("now", ReadState{.input = kv});
  // What rounding took away.
  b.output(b.add("lost", mil::Sub{.x = sum, .y = now}), "out");
  const mil::Function function = b.finish();
  const Interpreter::Values inputs = {{"x", halves({2048, 65504, 1})}, {"y", halves({1, 15, 2})}};
  for (const Math math : {Math::fp32, Math::fp16}) {
    Machine machine(function, math);
    EXPECT_EQ(machine.run(inputs), math == Math::fp32 ? (Numbers{1, 15, 0}) : (Numbers{0, 0, 0}));
    EXPECT_EQ(machine.state("kv"), (Numbers{2048, 65504, 3}));
    EXPECT_EQ(machine.states.at("kv").stored().size(), 6u);
    machine.run({{"x", halves({65504, 0, 0})}, {"y", halves({16, 0, 0})}});
    EXPECT_EQ(machine.state("kv")[0], std::numeric_limits<float>::infinity());
  }
}

TEST(States, OfAnotherTypeAreRefused) {
  Builder b("main", Opset::coreml8);
  const Value kv = b.input("kv", {DType::f32, {1}, true}), x = b.input("x", {DType::f32, {1}});
  b.add_effect("write", WriteState{.input = kv, .data = x});
  Machine machine(b.finish());
  EXPECT_EQ(failure([&] { machine.interpreter.run({{"x", floats({1}, {1})}}, machine.states); }),
            "unsupported: function main: write: state of fp32: want fp16");
}

}  // namespace
}  // namespace cortland
