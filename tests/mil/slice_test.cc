#include "mil/ops/slice.h"

#include "mil/evaluation.h"

namespace cortland::mil {
namespace {

using SliceByIndexTest = OpTest;
using SliceBySizeTest = OpTest;
using SliceUpdateTest = OpTest;
using SplitTest = OpTest;

Ints one(int32_t value) { return Ints(std::vector<int32_t>{value}); }

// The positions that begin:end:stride takes of 0..n-1, walked one by one; empty when the request is none or leaves
// them.
std::vector<float> walked(int32_t n, int32_t begin, int32_t end, int32_t stride) {
  if (begin < 0) begin += n;
  if (end < 0) end += n;
  std::vector<float> taken;
  if (begin < 0 || stride <= 0) return taken;
  for (int32_t i = begin; i < end && i < n; i += stride) taken.push_back(static_cast<float>(i));
  return taken;
}

TEST_F(SliceByIndexTest, EveryBeginEndAndStrideOfAVector) {
  constexpr int32_t kSize = 5;
  const Value x = input(floats({kSize}, count_to(kSize)));
  for (int32_t begin = -7; begin <= 7; ++begin) {
    for (int32_t end = -7; end <= 7; ++end) {
      for (int32_t stride = -1; stride <= 3; ++stride) {
        const SliceByIndex fixed{.x = x, .begin = one(begin), .end = one(end), .stride = {{stride}}};
        const std::vector<float> want = walked(kSize, begin, end, stride);
        if (want.empty()) {
          EXPECT_EQ(type_of(fixed),
                    "corrupt: op (slice_by_index): axis 0 of fp32[5]: the slice is empty or leaves the tensor")
              << begin << ":" << end << ":" << stride;
          continue;
        }
        EXPECT_EQ(type_of(fixed), "fp32[" + std::to_string(want.size()) + "]");
        EXPECT_EQ(values_of(run(fixed)), want) << begin << ":" << end << ":" << stride;
      }
    }
  }
}

TEST_F(SliceByIndexTest, MasksTakeWholeSidesAndSqueeze) {
  const Value x = input(floats({2, 3}, count_to(6)));
  SliceByIndex op{
      .x = x, .begin = Ints({9, 1}), .end = Ints({9, 2}), .begin_mask = {{true, false}}, .end_mask = {{true, false}}};
  EXPECT_EQ(values_of(run(op)), (std::vector<float>{1, 4}));
  EXPECT_EQ(type_of(op), "fp32[2, 1]");
  op.squeeze_mask = {{false, true}};
  EXPECT_EQ(type_of(op), "fp32[2]");
  EXPECT_EQ(values_of(run(op)), (std::vector<float>{1, 4}));
  op = {.x = x, .begin = Ints({-1, 0}), .end = Ints({0, 3}), .squeeze_mask = {{true, false}}};
  EXPECT_EQ(values_of(run(op)), (std::vector<float>{3, 4, 5}));
}

TEST_F(SliceByIndexTest, ListsHaveOneEntryPerAxis) {
  const Value x = input({DType::f16, {2, 3}}), n = input({DType::i32, {3}}), wide = input({DType::i32, {2, 2}});
  const std::string want =
      "corrupt: op (slice_by_index): begin, end, stride and masks: want one entry per axis of fp16[2, 3]";
  EXPECT_EQ(type_of(SliceByIndex{.x = x, .begin = one(0), .end = Ints({1, 1})}), want);
  EXPECT_EQ(type_of(SliceByIndex{.x = x, .begin = Ints({0, 0}), .end = Ints(n)}), want);
  EXPECT_EQ(type_of(SliceByIndex{.x = x, .begin = Ints({0, 0}), .end = Ints({1, 1}), .stride = {{1}}}), want);
  EXPECT_EQ(type_of(SliceByIndex{.x = x, .begin = Ints({0, 0}), .end = Ints({1, 1}), .end_mask = {{true}}}), want);
  EXPECT_EQ(type_of(SliceByIndex{.x = x, .begin = Ints(wide), .end = Ints({1, 1})}),
            "corrupt: op (slice_by_index): operand c: got int32[2, 2], want a vector of integers");
}

TEST_F(SliceByIndexTest, BoundsThatOnlyARunKnows) {
  const Value x = input({DType::f32, {2, kUnknown}}, floats({2, 3}, count_to(6)));
  const Value begin = input(ints({2}, {0, 1})), end = input(ints({2}, {2, 3})), beyond = input(ints({2}, {2, 3}));
  EXPECT_EQ(type_of(SliceByIndex{.x = x, .begin = Ints({1, 0}), .end = Ints({2, 2})}), "fp32[1, ?]");
  const SliceByIndex op{.x = x, .begin = Ints(begin), .end = Ints(end), .begin_mask = {{true, false}}};
  EXPECT_EQ(type_of(op), "fp32[?, ?]");
  EXPECT_EQ(values_of(run(op)), (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(failure([&] { run(SliceByIndex{.x = x, .begin = Ints(beyond), .end = Ints(end)}); }),
            "invalid: slice_by_index: from [2, 3] to [2, 3] is no region of [2, 3]");
}

TEST_F(SliceBySizeTest, TypesAndValues) {
  const Value x = input(floats({2, 3}, count_to(6))),
              flexible = input({DType::f32, {2, kUnknown}}, floats({2, 3}, count_to(6)));
  const Value begin = input(ints({2}, {1, 1})), beyond = input(ints({2}, {1, 2}));
  EXPECT_EQ(type_of(SliceBySize{.x = x, .begin = Ints({0, 1}), .size = {-1, 2}}), "fp32[2, 2]");
  EXPECT_EQ(type_of(SliceBySize{.x = flexible, .begin = Ints({0, 1}), .size = {1, -1}}), "fp32[1, ?]");
  EXPECT_EQ(type_of(SliceBySize{.x = x, .begin = Ints(begin), .size = {-1, 2}}), "fp32[?, 2]");
  EXPECT_EQ(type_of(SliceBySize{.x = x, .begin = one(0), .size = {1, 1}}),
            "corrupt: op (slice_by_size): begin and size: want one entry per axis of fp32[2, 3]");
  EXPECT_EQ(type_of(SliceBySize{.x = x, .begin = Ints({0, 0}), .size = {1, 0}}),
            "corrupt: op (slice_by_size): axis 1 of fp32[2, 3]: the slice is empty");
  EXPECT_EQ(type_of(SliceBySize{.x = x, .begin = Ints({0, 2}), .size = {1, 2}}),
            "corrupt: op (slice_by_size): axis 1 of fp32[2, 3]: the slice leaves the tensor");
  EXPECT_EQ(type_of(SliceBySize{.x = x, .begin = Ints({-1, 0}), .size = {-1, 1}}),
            "corrupt: op (slice_by_size): axis 0 of fp32[2, 3]: the slice leaves the tensor");
  EXPECT_EQ(values_of(run(SliceBySize{.x = x, .begin = Ints({0, 1}), .size = {-1, 2}})),
            (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(values_of(run(SliceBySize{.x = flexible, .begin = Ints(begin), .size = {1, -1}})),
            (std::vector<float>{4, 5}));
  EXPECT_EQ(failure([&] { run(SliceBySize{.x = x, .begin = Ints(beyond), .size = {1, 2}}); }),
            "invalid: slice_by_size: 2 elements from 2 leave axis 1 of [2, 3]");
}

TEST_F(SliceUpdateTest, TypesAndValues) {
  const Value x = input(floats({2, 3}, count_to(6))), u = input(floats({1, 2}, {-1, -2})),
              row = input(floats({2}, {-1, -2}));
  const Value half = input({DType::f16, {1, 2}}), scalar = input(floats({}, {7}));
  const SliceUpdate op{.x = x, .update = u, .begin = Ints({1, 0}), .end = Ints({2, 2})};
  EXPECT_EQ(type_of(op), "fp32[2, 3]");
  EXPECT_EQ(values_of(run(op)), (std::vector<float>{0, 1, 2, -1, -2, 5}));
  const SliceUpdate squeezed{.x = x,
                             .update = row,
                             .begin = Ints({0, 0}),
                             .end = Ints({0, 3}),
                             .stride = {{1, 2}},
                             .squeeze_mask = {{true, false}}};
  EXPECT_EQ(values_of(run(squeezed)), (std::vector<float>{-1, 1, -2, 3, 4, 5}));
  const std::string fits = "corrupt: op (slice_update): update fp32[1, 2] does not fit the region of fp32[2, 3]";
  EXPECT_EQ(type_of(SliceUpdate{.x = x, .update = u, .begin = Ints({0, 0}), .end = Ints({2, 2})}), fits);
  EXPECT_EQ(type_of(SliceUpdate{.x = x, .update = u, .begin = Ints({2, 0}), .end = Ints({3, 2})}), fits);
  EXPECT_EQ(type_of(SliceUpdate{.x = x, .update = half, .begin = Ints({1, 0}), .end = Ints({2, 2})}),
            "corrupt: op (slice_update): operands a and d: got fp32[2, 3] and fp16[1, 2], want one element type");
  EXPECT_EQ(type_of(SliceUpdate{.x = x, .update = scalar, .begin = Ints({1, 0}), .end = Ints({2, 1})}),
            "corrupt: op (slice_update): update: want at least one axis");
  EXPECT_EQ(type_of(SliceUpdate{.x = x, .update = u, .begin = one(1), .end = Ints({2, 2})}),
            "corrupt: op (slice_update): begin, end, stride and masks: want one entry per axis of fp32[2, 3]");
}

TEST_F(SliceUpdateTest, BoundsThatOnlyARunKnows) {
  const Value x = input(floats({2, 3}, count_to(6))), u = input(floats({1, 2}, {-1, -2}));
  const Value begin = input(ints({2}, {0, 1})), end = input(ints({2}, {1, 3})), beyond = input(ints({2}, {3, 3}));
  EXPECT_EQ(values_of(run(SliceUpdate{.x = x, .update = u, .begin = Ints(begin), .end = Ints(end)})),
            (std::vector<float>{0, -1, -2, 3, 4, 5}));
  EXPECT_EQ(failure([&] { run(SliceUpdate{.x = x, .update = u, .begin = Ints({0, 0}), .end = Ints(end)}); }),
            "invalid: slice_update: update [1, 2], want [1, 3]");
  EXPECT_EQ(failure([&] { run(SliceUpdate{.x = x, .update = u, .begin = Ints(beyond), .end = Ints(end)}); }),
            "invalid: slice_update: from [3, 3] to [1, 3] is no region of [2, 3]");
}

TEST_F(SplitTest, TypesAndValues) {
  const Value x = input(floats({2, 4}, count_to(8))), flexible = input({DType::f16, {kUnknown, 4}});
  EXPECT_EQ(type_of(Split{.x = flexible, .num_splits = 2, .axis = -1}), "fp16[?, 2], fp16[?, 2]");
  EXPECT_EQ(type_of(Split{.x = x, .split_sizes = {{1, 3}}, .axis = 1}), "fp32[2, 1], fp32[2, 3]");
  EXPECT_EQ(type_of(Split{.x = x, .num_splits = 3, .axis = 1}),
            "corrupt: op (split): fp32[2, 4] does not split evenly");
  EXPECT_EQ(type_of(Split{.x = x, .axis = 1}), "corrupt: op (split): fp32[2, 4] does not split evenly");
  EXPECT_EQ(type_of(Split{.x = flexible, .num_splits = 1}),
            "corrupt: op (split): split_sizes [-1]: want positive sizes");
  EXPECT_EQ(type_of(Split{.x = x, .split_sizes = {{1, 2}}, .axis = 1}),
            "corrupt: op (split): split_sizes [1, 2]: want a sum of 4");
  EXPECT_EQ(type_of(Split{.x = x, .split_sizes = {{5, -1}}, .axis = 1}),
            "corrupt: op (split): split_sizes [5, -1]: want positive sizes");
  EXPECT_EQ(type_of(Split{.x = x, .num_splits = 2, .axis = 2}),
            "corrupt: op (split): axis 2 is out of range for rank 2");
  const std::vector<Tensor> parts = run_all(Split{.x = x, .split_sizes = {{1, 3}}, .axis = 1});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(values_of(parts[0]), (std::vector<float>{0, 4}));
  EXPECT_EQ(values_of(parts[1]), (std::vector<float>{1, 2, 3, 5, 6, 7}));
  EXPECT_EQ(values_of(run_all(Split{.x = x, .num_splits = 2, .axis = 0}).at(1)), (std::vector<float>{4, 5, 6, 7}));
}

}  // namespace
}  // namespace cortland::mil
