// A sound program, one fault at a time, and all that is reported then. Every rule is broken by at least one fault.
#include "mil/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "mil/builder.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::mil {
namespace {

// One line per finding: "rule: where: message".
std::string findings_in(const Program& program) {
  std::string text;
  for (const Finding& finding : verify(program)) {
    text += fmt::format("{}{}: {}: {}", text.empty() ? "" : "\n", finding.rule, finding.where, finding.message);
  }
  return text;
}

// decode: y = x w, its halves, and kv = kv + x; prefill: reads kv.
Program sound() {
  Builder decode("decode", Opset::coreml8), prefill("prefill", Opset::coreml8);
  const Value x = decode.input("x", {DType::f16, {2, 3}}), kv = decode.input("kv", {DType::f16, {2, 3}, true});
  const Value w = decode.constant("w", make_bytes_payload(DType::f16, {3, 2}, std::vector<std::byte>(12)));
  const Value y = decode.add("product", Matmul{.x = x, .y = w});
  decode.add("part", Split{.x = y, .num_splits = 2});
  const Value old = decode.add("old", ReadState{.input = kv});
  decode.add_effect("write", WriteState{.input = kv, .data = decode.add("sum", Add{.x = old, .y = x})});
  decode.output(y, "y");
  prefill.output(prefill.add("now", ReadState{.input = prefill.input("kv", {DType::f16, {2, 3}, true})}), "all");
  return {{decode.finish(), prefill.finish()}};
}

// Parts of the first function, to be changed.
ValueId id(const Program& p, std::string_view name) { return p.functions[0].find_value(name); }
ValueInfo& value(Program& p, std::string_view name) {
  return p.functions[0].values.at(static_cast<size_t>(id(p, name)));
}
Operation& op(Program& p, std::string_view name) {
  for (Operation& operation : p.functions[0].operations) {
    if (operation.name == name) return operation;
  }
  throw std::logic_error("no such operation");
}
Binding& operand(Program& p, std::string_view name, size_t index) {
  return op(p, name).inputs.at(index).bindings.at(0);
}
std::vector<ValueId>& outputs(Program& p) { return p.functions[0].outputs; }

// A function `main` instead, with an input x of `type` and what `build` adds to it.
using Build = std::function<void(Builder& b, Value x)>;
Program only(const Type& type, const Build& build, Opset opset = Opset::coreml8) {
  Builder b("main", opset);
  build(b, b.input("x", type));
  return {{b.finish()}};
}

void gather_rows(Builder& b, Value x) { b.output(b.add("rows", Gather{.x = x, .indices = x}), "y"); }
void gather_row(Builder& b, Value x) {
  const Value first = b.constant("first", Literal::of(int32_t{0}));
  b.output(b.add("row", Gather{.x = x, .indices = first}), "y");
}
void expand(Builder& b, Value x) { b.output(b.add("more", ExpandDims{.x = x, .axes = {0}}), "y"); }
void relu(Builder& b, Value x) { b.output(b.add("relu", Relu{.x = x}), "y"); }
void read(Builder& b, Value x) { b.output(b.add("now", ReadState{.input = x}), "y"); }

struct Fault {
  std::function<void(Program&)> plant;
  std::string findings;
};

std::vector<Fault> faults_of_functions() {
  return {
      {[](Program& p) { p.functions[1].opset = "CoreML\n"; },
       R"(opset: function prefill: got "CoreML\x0a", want CoreML5 to CoreML9)"},
      {[](Program& p) { p.functions[1].opset = "CoreML9"; },
       "opset: function prefill: got CoreML9, want CoreML8 as in the first function"},
      {[](Program& p) { p.functions[0].name = "my func"; },
       "name-invalid: function my func: its name is reserved or has other characters than [A-Za-z0-9_]"},
      {[](Program& p) { value(p, "x").name = "fp16"; },
       "name-invalid: function decode: value fp16: its name is reserved or has other characters than [A-Za-z0-9_]"},
      {[](Program& p) { value(p, "sum").name = "x"; },
       "name-duplicate: function decode: value x: another value has this name"},
      {[](Program& p) { p = only({DType::f16, {}}, relu); },
       "input-scalar: function main: value x: got a scalar, want shape [1]"},
      {[](Program& p) {
         p = only({DType::f16, {2}}, relu);
         p.functions[0].inputs.push_back(static_cast<ValueId>(p.functions[0].values.size()));
         p.functions[0].values.push_back({"more", {DType::f16, {1}}, -1});
       },
       "input-unused: function main: value more: no operation uses it"},
      {[](Program& p) { outputs(p).clear(); }, "output-missing: function decode: has no output"},
      {[](Program& p) { outputs(p).push_back(id(p, "y")); },
       "output-duplicate: function decode: output y: is listed twice"},
      {[](Program& p) { outputs(p).push_back(id(p, "x")); },
       "output-input: function decode: output x: is an input; hint: pass it through an identity"},
  };
}

std::vector<Fault> faults_of_operations() {
  return {
      {[](Program& p) { p = only({DType::f16, {2}, true}, read, Opset::coreml7); },
       "opset-op: function main: operation now (read_state): needs CoreML8, got CoreML7"},
      {[](Program& p) { p = only({DType::i32, {2}}, gather_rows, Opset::coreml5); },
       "opset-op: function main: operation rows (gather): parameter batch_dims needs CoreML6, got CoreML5\n"
       "opset-op: function main: operation rows (gather): parameter validate_indices needs CoreML7, got CoreML5"},
      {[](Program& p) { op(p, "product").type = "mat\nmul", op(p, "product").row = nullptr; },
       R"(op-unknown: function decode: operation product (mat\x0amul): )"
       "this program does not know the op and cannot judge it"},
      {[](Program& p) { operand(p, "product", 0) = id(p, "old"); },
       "operand: function decode: operation product (matmul): parameter x: its value is not defined yet"},
      {[](Program& p) { operand(p, "product", 1) = id(p, "y"); },
       "operand: function decode: operation product (matmul): parameter y: its value is not defined yet"},
      {[](Program& p) { operand(p, "product", 1) = ValueId{-1}, operand(p, "sum", 0) = ValueId{99}; },
       "operand: function decode: operation product (matmul): parameter y: its value is not defined yet\n"
       "operand: function decode: operation sum (add): parameter x: its value is not defined yet"},
      {[](Program& p) { op(p, "w").attributes[0].bindings[0] = id(p, "y"); },
       "operand: function decode: operation w (const): parameter val: its value is not defined yet"},
      {[](Program& p) { op(p, "product").inputs.pop_back(); },
       "parameter: function decode: operation product (matmul): parameter transpose_y is missing"},
      {[](Program& p) { op(p, "product").inputs.push_back({"extra", {Literal::of(true)}}); },
       "parameter: function decode: operation product (matmul): parameter extra is not one of this op"},
      {[](Program& p) { op(p, "product").attributes.push_back({"extra", {Literal::of(true)}}); },
       "parameter: function decode: operation product (matmul): attribute extra is not one of this op"},
      {[](Program& p) { operand(p, "product", 2) = Literal::of(int32_t{1}); },
       "parameter: function decode: operation product (matmul): parameter transpose_x: constant 1: got int32[], want a "
       "bool scalar"},
      {[](Program& p) { operand(p, "product", 1) = id(p, "x"); },
       "type-rule: function decode: operation product (matmul): inner dimensions of fp16[2, 3] and fp16[2, 3] differ"},
      {[](Program& p) {
         p = only({DType::f16, {2}}, [](Builder& b, Value x) { b.output(b.add("all", Concat{.values = {x}}), "y"); });
       },
       "single-part: function main: operation all (concat): got one part, want two or more"},
      {[](Program& p) {
         p = only({DType::f16, {2}},
                  [](Builder& b, Value x) { b.output(b.add("all", Split{.x = x, .num_splits = 1}), "y"); });
       },
       "single-part: function main: operation all (split): got one part, want two or more"},
      {[](Program& p) { p = only({DType::f16, {2, 1, 1, 1, 1}}, gather_row); },
       "gather-scalar: function main: operation row (gather): got a scalar index, want shape [1]"},
  };
}

std::vector<Fault> faults_of_types() {
  return {
      {[](Program& p) { value(p, "part").type.shape = {1, 1}; },
       "result-type: function decode: operation part (split): result part: got fp16[1, 1], want fp16[1, 2]"},
      {[](Program& p) { value(p, "part_1").type.shape = {1, 2, 1}; },
       "result-type: function decode: operation part (split): result part_1: got fp16[1, 2, 1], want fp16[1, 2]"},
      {[](Program& p) { value(p, "part").type.shape = {kUnknown, 2}; },
       "result-type: function decode: operation part (split): result part: got fp16[?, 2], want fp16[1, 2]"},
      {[](Program& p) { value(p, "part").type.dtype = DType::f32; },
       "result-type: function decode: operation part (split): result part: got fp32[1, 2], want fp16[1, 2]"},
      {[](Program& p) {
         p = only({DType::f16, {2}},
                  [](Builder& b, Value x) { b.output(b.add("part", Split{.x = x, .split_sizes = {{1, 1}}}), "y"); });
         op(p, "part").outputs.push_back(id(p, "y"));
       },
       "result-type: function main: operation part (split): got 3 results, want 2"},
      {[](Program& p) { p = only({DType::f16, {1, 2, 3, 4, 5}}, expand); },
       "rank: function main: value y: got fp16[1, 1, 2, 3, 4, 5], want at most 5 axes"},
      {[](Program& p) {
         p = only({DType::f16, {1}}, [](Builder& b, Value x) {
           b.constant("w", make_bytes_payload(DType::f16, {2, 0}, {}));
           relu(b, x);
         });
       },
       "shape-empty: function main: value w: got fp16[2, 0], want no empty dimension"},
  };
}

std::vector<Fault> faults_of_states() {
  return {
      {[](Program& p) { p = only({DType::f32, {2}, true}, read); },
       "state-type: function main: value x: got state<fp32[2]>, want fp16 of fixed shape"},
      {[](Program& p) { p = only({DType::f16, {2, kUnknown}, true}, read); },
       "state-type: function main: value x: got state<fp16[2, ?]>, want fp16 of fixed shape"},
      {[](Program& p) { p = only({DType::f16, {}, true}, read); },
       "state-type: function main: value x: got state<fp16>, want fp16 of fixed shape\n"
       "input-scalar: function main: value x: got a scalar, want shape [1]"},
      {[](Program& p) { value(p, "part").type.is_state = true; },
       "state-use: function decode: value part: a state is the result of an operation\n"
       "result-type: function decode: operation part (split): result part: got state<fp16[1, 2]>, want fp16[1, 2]"},
      {[](Program& p) { operand(p, "sum", 1) = id(p, "kv"); },
       "state-use: function decode: operation sum (add): parameter y: got state kv, want a tensor\n"
       "type-rule: function decode: operation sum (add): operand kv is a state, want a tensor"},
      {[](Program& p) { operand(p, "write", 1) = id(p, "kv"); },
       "state-use: function decode: operation write (write_state): parameter data: got state kv, want a tensor\n"
       "type-rule: function decode: operation write (write_state): operand kv is a state, want a tensor"},
      {[](Program& p) { operand(p, "old", 0) = id(p, "x"); },
       "state-use: function decode: operation old (read_state): parameter input: got tensor x, want a state\n"
       "type-rule: function decode: operation old (read_state): operand x is a tensor, want a state"},
      {[](Program& p) { outputs(p).push_back(id(p, "kv")); },
       "state-output: function decode: output kv: is a state, want a tensor"},
      {[](Program& p) { outputs(p).push_back(id(p, "sum")); },
       "state-output: function decode: output sum: is the value written to a state; hint: return what a read gives"},
      {[](Program& p) {
         for (ValueInfo& info : p.functions[1].values) info.type.shape = {2, 4};
       },
       "state-mixed: function prefill: value kv: got state<fp16[2, 4]>, want state<fp16[2, 3]> as in an earlier "
       "function"},
  };
}

std::vector<Fault> all_faults() {
  std::vector<Fault> all;
  for (const auto& faults : {faults_of_functions(), faults_of_operations(), faults_of_types(), faults_of_states()}) {
    all.insert(all.end(), faults.begin(), faults.end());
  }
  return all;
}

TEST(Verify, ASoundProgramHasNoFindings) { EXPECT_EQ(findings_in(sound()), ""); }

TEST(Verify, AFaultIsReportedAndNothingElse) {
  for (const Fault& fault : all_faults()) {
    Program program = sound();
    fault.plant(program);
    EXPECT_EQ(findings_in(program), fault.findings);
  }
}

TEST(Verify, EveryRuleIsDescribedAndBrokenByAFault) {
  std::set<std::string> broken, rules;
  for (const Fault& fault : all_faults()) broken.insert(fault.findings.substr(0, fault.findings.find(':')));
  for (const VerifyRule& rule : verify_rules()) {
    EXPECT_TRUE(rules.insert(std::string(rule.name)).second) << rule.name;
    EXPECT_FALSE(rule.summary.empty()) << rule.name;
  }
  EXPECT_EQ(broken, rules);
}

TEST(Verify, WhatIsNextToAFaultIsSound) {
  // What the rule cannot tell may be declared.
  Program flexible = only({DType::f16, {kUnknown}}, relu);
  value(flexible, "y").type.shape = {7};
  EXPECT_EQ(findings_in(flexible), "");
  EXPECT_EQ(findings_in(only({DType::f16, {2, 1, 1, 1}}, gather_row)), "");
  EXPECT_EQ(findings_in(only({DType::f16, {2, 3, 4, 5}}, expand)), "");
  // A newer parameter may be absent from an older function.
  Program older = only({DType::i32, {2}}, gather_rows, Opset::coreml5);
  op(older, "rows").inputs.resize(3);
  EXPECT_EQ(findings_in(older), "");
}

TEST(Verify, OnlyCompressedWeightsHaveMoreThanFiveAxes) {
  Program program = only({DType::f16, {1, 1, 1, 1, 1}}, expand);
  op(program, "more").type = "constexpr_lut_to_dense";
  op(program, "more").row = nullptr;
  EXPECT_EQ(findings_in(program),
            "op-unknown: function main: operation more (constexpr_lut_to_dense): this program does not know the op and "
            "cannot judge it");
}

TEST(Verify, AnUnknownOpsetCannotBeTooOld) {
  Program program = only({DType::f16, {2}, true}, read);
  program.functions[0].opset = "CoreML4";
  EXPECT_EQ(findings_in(program), R"(opset: function main: got "CoreML4", want CoreML5 to CoreML9)");
}

// A constant made of itself, which an operation has for a parameter.
TEST(Verify, ACircleIsFollowedNoFurther) {
  Builder b("main", Opset::coreml8);
  const Value axis = b.constant("axis", Literal::of(int32_t{0}));
  b.output(b.add("y", Softmax{.x = b.input("x", {DType::f16, {2}}), .axis = 0}), "out");
  Program program{{b.finish()}};
  op(program, "axis").attributes[0].bindings[0] = axis.id;
  op(program, "y").inputs[1].bindings[0] = axis.id;
  EXPECT_THAT(findings_in(program), testing::HasSubstr("operation y (softmax): "));
}

TEST(Verify, FindingsComeFunctionByFunction) {
  Program program = sound();
  program.functions[1].outputs.clear();
  outputs(program).push_back(id(program, "x"));
  value(program, "x").name = "1x";
  op(program, "product").inputs.pop_back();
  EXPECT_EQ(findings_in(program),
            "name-invalid: function decode: value 1x: its name is reserved or has other characters than [A-Za-z0-9_]\n"
            "parameter: function decode: operation product (matmul): parameter transpose_y is missing\n"
            "output-input: function decode: output 1x: is an input; hint: pass it through an identity\n"
            "output-missing: function prefill: has no output");
}

TEST(Verify, NamesThatAreSafeEverywhere) {
  for (const std::string_view name : {"x", "_", "X9", "a_b_1", "fp16_", "State", "stateful"}) {
    EXPECT_TRUE(is_valid_name(name)) << name;
  }
  for (const std::string_view name : {"", "9", "1x", "a b", "a.b", "a-b", "a@b", "\xc3\xa9", "x\n", "state", "tensor",
                                      "fp16", "int4", "uint64", "true", "func"}) {
    EXPECT_FALSE(is_valid_name(name)) << name;
  }
}

}  // namespace
}  // namespace cortland::mil
