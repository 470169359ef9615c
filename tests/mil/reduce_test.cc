#include "mil/ops/reduce.h"

#include "mil/evaluation.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

using ReduceMeanTest = OpTest;

TEST_F(ReduceMeanTest, Types) {
  const Value x = input({DType::f16, {2, kUnknown, 4}});
  EXPECT_EQ(type_of(ReduceMean{.x = x, .axes = {-1}, .keep_dims = true}), "fp16[2, ?, 1]");
  EXPECT_EQ(type_of(ReduceMean{.x = x, .axes = {0, 2}}), "fp16[?]");
  EXPECT_EQ(type_of(ReduceMean{.x = x, .axes = {}}), "corrupt: op (reduce_mean): axes: want at least one");
  EXPECT_EQ(type_of(ReduceMean{.x = x, .axes = {2, -1}}), "corrupt: op (reduce_mean): axes [2, -1]: want none twice");
  EXPECT_EQ(type_of(ReduceMean{.x = x, .axes = {3}}), "corrupt: op (reduce_mean): axis 3 is out of range for rank 3");
}

TEST_F(ReduceMeanTest, EverySetOfAxesByTheDefinition) {
  const Shape shape{2, 3, 4};
  const std::vector<float> x = exact_numbers(24, 1);
  const Value a = input(floats(shape, x));
  for (const std::vector<int32_t>& axes : std::vector<std::vector<int32_t>>{{0}, {1}, {-1}, {0, 2}, {-3, -2, -1}}) {
    Shape kept = shape;
    for (const int32_t axis : axes) kept[static_cast<size_t>((axis + 3) % 3)] = 1;
    std::vector<double> sums(static_cast<size_t>(element_count(kept)));
    for_each_index(shape, [&](const Shape& i) {
      Shape to = i;
      for (size_t k = 0; k < 3; ++k) to[k] = kept[k] == 1 ? 0 : i[k];
      sums[offset_of(kept, to)] += static_cast<double>(x[offset_of(shape, i)]);
    });
    std::vector<float> want;
    for (const double sum : sums) want.push_back(static_cast<float>(sum * static_cast<double>(sums.size()) / 24));
    const Tensor y = run(ReduceMean{.x = a, .axes = axes, .keep_dims = true});
    EXPECT_EQ(y.shape(), kept);
    EXPECT_EQ(values_of(y), want);
    EXPECT_EQ(values_of(run(ReduceMean{.x = a, .axes = axes})), want);
  }
}

}  // namespace
}  // namespace cortland::mil
