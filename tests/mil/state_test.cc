#include "mil/ops/state.h"

#include "mil/evaluation.h"
#include "mil/ops/elementwise.h"

namespace cortland::mil {
namespace {

using StateTest = OpTest;

TEST_F(StateTest, Types) {
  const Value kv = input({DType::f16, {2, 3}, true}), x = input({DType::f16, {2, 3}});
  const Value wide = input({DType::f32, {2, 3}}), other = input({DType::f16, {3, 2}});
  EXPECT_EQ(type_of(ReadState{.input = kv}), "fp16[2, 3]");
  EXPECT_EQ(type_of(ReadState{.input = x}), "corrupt: op (read_state): operand b is a tensor, want a state");
  EXPECT_EQ(type_of(WriteState{.input = kv, .data = x}), "");
  EXPECT_EQ(type_of(WriteState{.input = kv, .data = wide}),
            "corrupt: op (write_state): data fp32[2, 3] is not what state<fp16[2, 3]> holds");
  EXPECT_EQ(type_of(WriteState{.input = kv, .data = other}),
            "corrupt: op (write_state): data fp16[3, 2] is not what state<fp16[2, 3]> holds");
  EXPECT_EQ(type_of(WriteState{.input = x, .data = x}),
            "corrupt: op (write_state): operand b is a tensor, want a state");
  EXPECT_EQ(type_of(WriteState{.input = kv, .data = kv}),
            "corrupt: op (write_state): operand a is a state, want a tensor");
}

TEST_F(StateTest, WhatIsWrittenIsReadNextTime) {
  const Value kv = input({DType::f32, {2}, true}, floats({2}, {1, 2})), x = input(floats({2}, {10, 20}));
  EXPECT_EQ(values_of(run(ReadState{.input = kv})), (std::vector<float>{1, 2}));
  EXPECT_TRUE(run_all(WriteState{.input = kv, .data = x}).empty());
  EXPECT_EQ(values_of(states_.at(kv.id)), (std::vector<float>{10, 20}));
  const Value old = builder_.add("old", ReadState{.input = kv});
  EXPECT_TRUE(run_all(WriteState{.input = kv, .data = builder_.add("sum", Add{.x = old, .y = x})}).empty());
  EXPECT_EQ(values_of(states_.at(kv.id)), (std::vector<float>{20, 40}));
}

}  // namespace
}  // namespace cortland::mil
