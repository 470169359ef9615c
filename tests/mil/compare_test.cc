#include "mil/ops/compare.h"

#include "mil/evaluation.h"

namespace cortland::mil {
namespace {

using CompareTest = OpTest;

TEST_F(CompareTest, EveryRelation) {
  const Value x = input(floats({3}, {1, 2, 3})), y = input(floats({1}, {2}));
  const auto list = [&](const auto& op) { return values_of(run(op)); };
  EXPECT_EQ(list(Equal{.x = x, .y = y}), (std::vector<float>{0, 1, 0}));
  EXPECT_EQ(list(NotEqual{.x = x, .y = y}), (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(list(Less{.x = x, .y = y}), (std::vector<float>{1, 0, 0}));
  EXPECT_EQ(list(LessEqual{.x = x, .y = y}), (std::vector<float>{1, 1, 0}));
  EXPECT_EQ(list(Greater{.x = x, .y = y}), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(list(GreaterEqual{.x = x, .y = y}), (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(type_of(Less{.x = x, .y = y}), "bool[3]");
}

TEST_F(CompareTest, Integers) {
  const Value x = input(ints({2}, {-1, 5})), y = input(ints({}, {0}));
  EXPECT_EQ(values_of(run(GreaterEqual{.x = x, .y = y})), (std::vector<float>{0, 1}));
}

TEST_F(CompareTest, SelectTakesOneOrTheOther) {
  const Value cond = input(ints({2}, {1, 0}, DType::boolean)), a = input(floats({2}, {1, 2})),
              b = input(floats({2}, {3, 4}));
  const Value all = input(ints({}, {0}, DType::boolean)), n = input(ints({2}, {7, 8}));
  EXPECT_EQ(values_of(run(Select{.cond = cond, .a = a, .b = b})), (std::vector<float>{1, 4}));
  EXPECT_EQ(values_of(run(Select{.cond = all, .a = a, .b = b})), (std::vector<float>{3, 4}));
  EXPECT_EQ(values_of(run(Select{.cond = cond, .a = n, .b = n})), (std::vector<float>{7, 8}));
  EXPECT_EQ(type_of(Select{.cond = a, .a = a, .b = b}), "corrupt: op (select): cond: got fp32[2], want bool");
  EXPECT_EQ(type_of(Select{.cond = cond, .a = a, .b = n}),
            "corrupt: op (select): operands b and e: got fp32[2] and int32[2], want one element type");
}

}  // namespace
}  // namespace cortland::mil
