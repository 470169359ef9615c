#include "mil/op.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace cortland::mil {
namespace {

TEST(BroadcastShapes, ByNumpyWithUnknownDimensions) {
  struct Case {
    Shape a, b;
    std::optional<Shape> want;
  };
  const Case cases[] = {
      {{}, {}, Shape{}},
      {{2, 3}, {}, Shape{2, 3}},
      {{2, 3}, {3}, Shape{2, 3}},
      {{2, 1}, {1, 3}, Shape{2, 3}},
      {{4, 1, 3}, {2, 1}, Shape{4, 2, 3}},
      {{2}, {3}, std::nullopt},
      {{2, 3}, {2}, std::nullopt},
      {{0}, {1}, Shape{0}},
      {{0}, {2}, std::nullopt},
      {{kUnknown}, {1}, Shape{kUnknown}},
      {{kUnknown}, {5}, Shape{5}},
      {{kUnknown}, {kUnknown}, Shape{kUnknown}},
      {{kUnknown, 3}, {4}, std::nullopt},
  };
  for (const auto& [a, b, want] : cases) {
    EXPECT_EQ(broadcast_shapes(a, b), want) << to_string(a) << " and " << to_string(b);
    EXPECT_EQ(broadcast_shapes(b, a), want) << to_string(b) << " and " << to_string(a);
  }
  EXPECT_EQ(run_time_shape("add", {2, 1}, {3}), (Shape{2, 3}));
  EXPECT_EQ(failure([] { run_time_shape("add", {2}, {3}); }), "invalid: add: shapes [2] and [3] do not broadcast");
}

class InferenceTest : public testing::Test {
 protected:
  InferenceTest() {
    function_.values = {{"t", {DType::f16, {2}}, -1},
                        {"s", {DType::f16, {2}, true}, -1},
                        {"n", {DType::i32, {kUnknown}}, -1},
                        {"m", {DType::i32, {2, 2}}, -1}};
    operation_.name = "op";
    operation_.type = "some";
  }
  Function function_;
  Operation operation_;
  Inference in_{function_, operation_};
  const Value t_{0}, s_{1}, n_{2}, m_{3};
};

TEST_F(InferenceTest, OperandsAreWhatTheRuleWants) {
  EXPECT_EQ(to_string(in_.tensor(t_)), "fp16[2]");
  EXPECT_EQ(to_string(in_.state(s_)), "state<fp16[2]>");
  EXPECT_EQ(failure([&] { in_.tensor(Value{}); }), "corrupt: op (some): an operand is missing");
  EXPECT_EQ(failure([&] { in_.tensor(s_); }), "corrupt: op (some): operand s is a state, want a tensor");
  EXPECT_EQ(failure([&] { in_.state(t_); }), "corrupt: op (some): operand t is a tensor, want a state");
  EXPECT_EQ(failure([&] { in_.float_tensor(n_); }), "corrupt: op (some): operand n: got int32[?], want fp16 or fp32");
  EXPECT_EQ(failure([&] { in_.require_same_dtype(t_, n_); }),
            "corrupt: op (some): operands t and n: got fp16[2] and int32[?], want one element type");
}

TEST_F(InferenceTest, LengthsAndAxes) {
  EXPECT_EQ(in_.length(Ints({1, 2, 3})), 3);
  EXPECT_EQ(in_.length(Ints(n_)), kUnknown);
  EXPECT_EQ(failure([&] { in_.length(Ints(m_)); }),
            "corrupt: op (some): operand m: got int32[2, 2], want a vector of integers");
  EXPECT_EQ(failure([&] { in_.length(Ints(t_)); }),
            "corrupt: op (some): operand t: got fp16[2], want a vector of integers");
  for (int32_t axis = -3; axis < 3; ++axis) EXPECT_EQ(in_.axis(axis, 3), static_cast<size_t>((axis + 3) % 3));
  for (const int32_t axis : {-4, 3, INT32_MIN, INT32_MAX}) {
    EXPECT_EQ(failure([&] { in_.axis(axis, 3); }),
              "corrupt: op (some): axis " + std::to_string(axis) + " is out of range for rank 3");
  }
}

}  // namespace
}  // namespace cortland::mil
