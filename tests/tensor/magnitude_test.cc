#include "tensor/magnitude.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace cortland {
namespace {

TEST(LargestMagnitude, OfNumbers) {
  EXPECT_EQ(largest_magnitude({}), 0.0f);
  EXPECT_EQ(largest_magnitude(std::vector<float>{-0.0f}), 0.0f);
  EXPECT_EQ(largest_magnitude(std::vector<float>{1, -3.5f, 2, 1e-40f}), 3.5f);
  EXPECT_EQ(largest_magnitude(std::vector<float>{-1e-40f, 0}), 1e-40f);
  constexpr float kMax = std::numeric_limits<float>::max();
  EXPECT_EQ(largest_magnitude(std::vector<float>(37, -kMax)), kMax);
}

TEST(LargestMagnitude, IsInfiniteWhereOneIsNoFiniteNumber) {
  using Limits = std::numeric_limits<float>;
  for (const float odd : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN()}) {
    for (size_t at = 0; at < 19; ++at) {
      std::vector<float> values(19, Limits::max());
      values[at] = odd;
      EXPECT_EQ(largest_magnitude(values), Limits::infinity()) << odd << " at " << at;
    }
  }
}

}  // namespace
}  // namespace cortland
