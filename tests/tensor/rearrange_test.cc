#include "tensor/rearrange.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/failure.h"
#include "tensor/numbers.h"

namespace cortland {
namespace {

// 0, 1, 2, ... in each representation that can move its elements. All exact in fp16.
std::vector<Tensor> numbered(const Shape& shape) {
  const auto n = static_cast<size_t>(element_count(shape));
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  const auto owner = std::make_shared<std::vector<std::byte>>(stored_as(DType::f16, values));
  return {Tensor::of_floats(DType::f32, shape, values),
          Tensor::of_ints(DType::i32, shape, std::vector<int32_t>(values.begin(), values.end())),
          Tensor::of_stored(DType::f16, shape, *owner, owner)};
}

std::vector<float> values_of(const Tensor& t) {
  if (is_float(t.dtype())) {
    const Floats floats = t.floats();
    return {floats.span().begin(), floats.span().end()};
  }
  return {t.ints().begin(), t.ints().end()};
}

// The result has the type and representation of x, and at each index the element that `source` names.
template <typename Source>
void expect_moved(const Tensor& result, const Tensor& x, const Shape& shape, Source source) {
  EXPECT_EQ(result.shape(), shape);
  EXPECT_EQ(result.dtype(), x.dtype());
  EXPECT_EQ(result.is_stored(), x.is_stored());
  const std::vector<float> values = values_of(x);
  std::vector<float> want;
  for_each_index(shape, [&](const Shape& index) { want.push_back(values[offset_of(x.shape(), source(index))]); });
  EXPECT_EQ(values_of(result), want);
}

TEST(Transpose, EveryPermutationByIndex) {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 1, 4}, Shape{2, 3, 4, 5}, Shape{2, 0, 3}}) {
    std::vector<int32_t> perm(shape.size());
    std::iota(perm.begin(), perm.end(), 0);
    do {
      Shape moved;
      for (const int32_t axis : perm) moved.push_back(shape[static_cast<size_t>(axis)]);
      for (const Tensor& x : numbered(shape)) {
        expect_moved(transpose(x, perm), x, moved, [&](const Shape& index) {
          Shape from(index.size());
          for (size_t i = 0; i < perm.size(); ++i) from[static_cast<size_t>(perm[i])] = index[i];
          return from;
        });
      }
    } while (std::next_permutation(perm.begin(), perm.end()));
  }
}

// Regions of [3, 4, 5] that meet every way of joining runs.
const std::vector<Region> kRegions = {
    {{0, 0, 0}, {3, 4, 5}, {1, 1, 1}}, {{1, 0, 0}, {2, 4, 5}, {1, 1, 1}}, {{0, 1, 0}, {3, 2, 5}, {1, 1, 1}},
    {{0, 0, 2}, {3, 4, 3}, {1, 1, 1}}, {{0, 0, 1}, {3, 4, 2}, {1, 1, 2}}, {{0, 1, 0}, {3, 2, 5}, {1, 2, 1}},
    {{2, 3, 4}, {1, 1, 1}, {1, 1, 1}}, {{0, 0, 0}, {2, 2, 2}, {2, 2, 3}}, {{1, 0, 0}, {1, 4, 5}, {1, 1, 1}},
};
const Shape kWhole{3, 4, 5};

Shape inside(const Region& region, const Shape& index) {
  Shape from(index.size());
  for (size_t i = 0; i < index.size(); ++i) from[i] = region.begin[i] + index[i] * region.step[i];
  return from;
}

TEST(Slice, EveryRegionByIndex) {
  for (const Region& region : kRegions) {
    for (const Tensor& x : numbered(kWhole)) {
      expect_moved(slice(x, region), x, region.count, [&](const Shape& index) { return inside(region, index); });
    }
  }
}

TEST(UpdateSlice, EveryRegionByIndex) {
  for (const Region& region : kRegions) {
    for (const Tensor& x : numbered(kWhole)) {
      const std::vector<float> fresh = exact_numbers(static_cast<size_t>(element_count(region.count)), 9, 64);
      const Tensor update = is_float(x.dtype())
                                ? Tensor::of_floats(x.dtype(), region.count, fresh)
                                : Tensor::of_ints(x.dtype(), region.count, {fresh.begin(), fresh.end()});
      std::vector<float> want = values_of(x);
      for_each_index(region.count, [&](const Shape& index) {
        want[offset_of(kWhole, inside(region, index))] = values_of(update)[offset_of(region.count, index)];
      });
      const Tensor result = update_slice(x, region, update);
      EXPECT_EQ(values_of(result), want);
      EXPECT_EQ(result.dtype(), x.dtype());
      EXPECT_EQ(result.is_stored(), x.is_stored());
      EXPECT_EQ(values_of(x)[7], 7);  // the operand is shared and stays
    }
  }
}

TEST(UpdateSlice, AUniqueStateIsChangedInPlaceAndRounds) {
  Tensor state = Tensor::zeros_stored(DType::f16, {2, 3});
  const std::byte* bytes = state.stored().data();
  const Tensor update = Tensor::of_floats(DType::f16, {1, 2}, {1 + 0x1p-11f, 3});
  const Region region{{1, 0}, {1, 2}, {1, 1}};
  state = update_slice(std::move(state), region, update);
  EXPECT_EQ(state.stored().data(), bytes);
  EXPECT_EQ(values_of(state), (std::vector<float>{0, 0, 0, 1, 3, 0}));

  const Tensor shared = state;
  const Tensor changed = update_slice(state, {{0, 2}, {1, 1}, {1, 1}}, Tensor::of_floats(DType::f16, {1, 1}, {8}));
  EXPECT_EQ(values_of(shared), (std::vector<float>{0, 0, 0, 1, 3, 0}));
  EXPECT_EQ(values_of(changed), (std::vector<float>{0, 0, 8, 1, 3, 0}));
}

TEST(Concat, EveryAxisByIndex) {
  const Shape shape{2, 3, 4};
  for (size_t axis = 0; axis < 3; ++axis) {
    Shape other = shape, joined = shape;
    other[axis] = 2;
    joined[axis] = shape[axis] * 2 + 2;
    const std::vector<Tensor> first = numbered(shape), second = numbered(other);
    for (size_t kind = 0; kind < first.size(); ++kind) {
      const Tensor result = concat(std::vector<Tensor>{first[kind], second[kind], first[kind]}, axis);
      std::vector<float> want;
      for_each_index(joined, [&](Shape index) {
        const int64_t at = index[axis];
        const bool in_second = at >= shape[axis] && at < shape[axis] + 2;
        index[axis] = in_second ? at - shape[axis] : at >= shape[axis] + 2 ? at - shape[axis] - 2 : at;
        want.push_back(static_cast<float>(offset_of(in_second ? other : shape, index)));
      });
      EXPECT_EQ(result.shape(), joined);
      EXPECT_EQ(values_of(result), want) << "axis " << axis;
      EXPECT_EQ(result.is_stored(), first[kind].is_stored());
    }
  }
}

TEST(Concat, StoredAndComputedMix) {
  const std::vector<Tensor> kinds = numbered({2});
  const Tensor result = concat(std::vector<Tensor>{kinds[2], Tensor::of_floats(DType::f16, {1}, {0.1f})}, 0);
  EXPECT_EQ(values_of(result), (std::vector<float>{0, 1, 0.1f}));
  EXPECT_EQ(result.dtype(), DType::f16);
}

TEST(Tile, RepeatsTheWholeByIndex) {
  const Shape shape{2, 3};
  for (const auto& reps : {std::vector<int32_t>{1, 1}, {2, 1}, {1, 3}, {3, 2}}) {
    for (const Tensor& x : numbered(shape)) {
      expect_moved(tile(x, reps), x, {2 * reps[0], 3 * reps[1]},
                   [&](const Shape& index) { return Shape{index[0] % 2, index[1] % 3}; });
    }
  }
}

TEST(Pad, SurroundsByIndex) {
  const Shape shape{2, 3}, padded{2 + 1 + 2, 3 + 0 + 4};
  const std::vector<int64_t> before{1, 0}, after{2, 4};
  for (const Tensor& x : {numbered(shape)[0], numbered(shape)[2]}) {
    const Tensor result = pad(x, before, after, -7);
    std::vector<float> want;
    for_each_index(padded, [&](const Shape& index) {
      const Shape from{index[0] - 1, index[1]};
      const bool inside_x = from[0] >= 0 && from[0] < 2 && from[1] < 3;
      want.push_back(inside_x ? static_cast<float>(offset_of(shape, from)) : -7.0f);
    });
    EXPECT_EQ(result.shape(), padded);
    EXPECT_EQ(result.dtype(), x.dtype());
    EXPECT_EQ(values_of(result), want);
  }
}

TEST(Gather, EveryAxisByIndex) {
  const Shape shape{3, 4, 5};
  const Tensor indices = Tensor::of_ints(DType::i32, {2, 2}, {2, 0, 1, 2});
  for (size_t axis = 0; axis < 3; ++axis) {
    Shape gathered = shape;
    gathered[axis] = 2;
    gathered.insert(gathered.begin() + static_cast<std::ptrdiff_t>(axis), 2);
    for (const Tensor& x : numbered(shape)) {
      expect_moved(gather(x, indices, axis), x, gathered, [&](Shape index) {
        const int32_t row = indices.ints()[static_cast<size_t>(index[axis] * 2 + index[axis + 1])];
        index.erase(index.begin() + static_cast<std::ptrdiff_t>(axis));
        index[axis] = row;
        return index;
      });
    }
  }
  const Tensor scalar = Tensor::of_ints(DType::u16, {}, {1});
  EXPECT_EQ(values_of(gather(numbered({2, 2})[0], scalar, 0)), (std::vector<float>{2, 3}));
}

TEST(Gather, RefusesAnIndexOutsideTheAxis) {
  const Tensor x = numbered({3, 2})[0];
  for (const int32_t index : {-1, 3, INT32_MAX}) {
    EXPECT_EQ(failure([&] { gather(x, Tensor::of_ints(DType::i32, {1}, {index}), 0); }),
              "invalid: gather: index " + std::to_string(index) + " is out of range; want 0 to 2");
  }
  EXPECT_EQ(failure([&] { gather(Tensor::zeros_stored(DType::u4, {4}), Tensor::of_ints(DType::i32, {1}, {0}), 0); }),
            "unsupported: packed elements of uint4 cannot be moved one by one");
}

}  // namespace
}  // namespace cortland
