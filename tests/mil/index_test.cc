#include "mil/ops/index.h"

#include "mil/evaluation.h"

namespace cortland::mil {
namespace {

using GatherTest = OpTest;

TEST_F(GatherTest, Types) {
  const Value table = input({DType::f16, {100, 8}}), ids = input({DType::i32, {1, kUnknown}}),
              one = input({DType::u16, {}});
  EXPECT_EQ(type_of(Gather{.x = table, .indices = ids}), "fp16[1, ?, 8]");
  EXPECT_EQ(type_of(Gather{.x = table, .indices = ids, .axis = -1}), "fp16[100, 1, ?]");
  EXPECT_EQ(type_of(Gather{.x = table, .indices = one}), "fp16[8]");
  EXPECT_EQ(type_of(Gather{.x = table, .indices = table}),
            "corrupt: op (gather): indices: got fp16[100, 8], want integers");
  EXPECT_EQ(type_of(Gather{.x = table, .indices = ids, .batch_dims = 1}),
            "corrupt: op (gather): batch_dims 1 is not known here");
  EXPECT_EQ(type_of(Gather{.x = table, .indices = ids, .axis = 2}),
            "corrupt: op (gather): axis 2 is out of range for rank 2");
}

TEST_F(GatherTest, TakesRowsOrColumns) {
  const Value x = input(floats({3, 2}, {0, 1, 10, 11, 20, 21})), rows = input(ints({2}, {2, 0})),
              columns = input(ints({1}, {1}));
  const Tensor taken = run(Gather{.x = x, .indices = rows});
  EXPECT_EQ(values_of(taken), (std::vector<float>{20, 21, 0, 1}));
  EXPECT_EQ(values_of(run(Gather{.x = x, .indices = columns, .axis = -1})), (std::vector<float>{1, 11, 21}));
  const Value beyond = input(ints({1}, {3}));
  EXPECT_EQ(failure([&] { run(Gather{.x = x, .indices = beyond}); }),
            "invalid: gather: index 3 is out of range; want 0 to 2");
}

}  // namespace
}  // namespace cortland::mil
