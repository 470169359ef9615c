#include "tensor/broadcast.h"

#include <gtest/gtest.h>

#include "tensor/numbers.h"

namespace cortland {
namespace {

// The element of an operand that stands under `index` of the result.
float under(const Shape& shape, const std::vector<float>& values, const Shape& index) {
  Shape own(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    own[i] = shape[i] == 1 ? 0 : index[index.size() - shape.size() + i];
  }
  return values[offset_of(shape, own)];
}

TEST(Broadcast, EveryPairOfShapesByIndex) {
  struct Case {
    Shape a, b, out;
  };
  const Case cases[] = {
      {{}, {}, {}},
      {{3}, {}, {3}},
      {{}, {2, 3}, {2, 3}},
      {{4}, {4}, {4}},
      {{1}, {4}, {4}},
      {{2, 1}, {1, 3}, {2, 3}},
      {{2, 3, 4}, {4}, {2, 3, 4}},
      {{2, 3, 4}, {3, 1}, {2, 3, 4}},
      {{1, 3, 1}, {2, 1, 5}, {2, 3, 5}},
      {{2, 1, 3, 1}, {5, 1, 4}, {2, 5, 3, 4}},
      {{0, 3}, {3}, {0, 3}},
  };
  for (const auto& [a, b, out] : cases) {
    const std::vector<float> x = exact_numbers(static_cast<size_t>(element_count(a)), 1);
    const std::vector<float> y = exact_numbers(static_cast<size_t>(element_count(b)), 2);
    std::vector<float> want, got(static_cast<size_t>(element_count(out)), -99.0f);
    for_each_index(out, [&](const Shape& index) { want.push_back(under(a, x, index) - 2 * under(b, y, index)); });
    broadcast(a, x.data(), b, y.data(), out, got.data(), [](float p, float q) { return p - 2 * q; });
    EXPECT_EQ(got, want) << to_string(a) << " and " << to_string(b);
  }
}

TEST(Broadcast, ResultMayHaveAnotherType) {
  const std::vector<int32_t> a{1, 5, 3}, b{3};
  bool less[3];
  broadcast(Shape{3}, a.data(), Shape{1}, b.data(), Shape{3}, less, [](int32_t p, int32_t q) { return p < q; });
  EXPECT_EQ(std::vector<bool>(less, less + 3), (std::vector<bool>{true, false, false}));
}

TEST(Broadcast, StridesAreZeroWhereStretched) {
  EXPECT_EQ(broadcast_strides(Shape{3, 1, 4}, Shape{2, 3, 5, 4}), (Shape{0, 4, 0, 1}));
  EXPECT_EQ(broadcast_strides(Shape{}, Shape{2, 2}), (Shape{0, 0}));
}

}  // namespace
}  // namespace cortland
