#include "text/sampler/weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cortland::text {
namespace {

constexpr double kOctave = 268435456;  // 2^28
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Weights, ArePowersOfTwoAndNeverRise) {
  uint64_t before = kLargestWeight;
  for (double distance = 0; distance < 44 * kOctave; distance += 39971) {  // a prime: all parts of the table
    const uint64_t weight = weight_of(distance);
    ASSERT_LE(weight, before) << distance;
    before = weight;
    const double exact = std::exp2(-distance / kOctave) * static_cast<double>(kLargestWeight);
    ASSERT_NEAR(static_cast<double>(weight), exact, 1 + exact * 0x1p-29) << distance;
  }
  EXPECT_EQ(before, 0u);
  for (int i = 0; i <= 42; ++i) EXPECT_EQ(weight_of(i * kOctave), kLargestWeight >> i);
  for (int i = 1; i < 42 * 512; ++i) {  // where the table goes on to its next entry
    const double edge = i * (kOctave / 512);
    ASSERT_LE(weight_of(edge), weight_of(edge - 1));
    ASSERT_LE(weight_of(edge + 1), weight_of(edge));
  }
}

TEST(Weights, WhatIsVeryFarWeighsNothing) {
  for (const double distance : {43 * kOctave, 1e30, 1e300, kInfinity}) EXPECT_EQ(weight_of(distance), 0u);
}

// Known values, equal on every platform: integer arithmetic and two correctly rounded operations.
TEST(Weights, AreTheSameEverywhere) {
  const Distance distance(3.5f, 0.7);
  EXPECT_EQ(distance(3.5f), 0);
  EXPECT_EQ(weight_of(distance(3.5f)), kLargestWeight);
  EXPECT_EQ(weight_of(distance(2.0f)), 515975150084u);
  EXPECT_EQ(weight_of(distance(-1.25f)), 4968914776u);
}

TEST(Weights, DistancesFollowScoreAndTemperature) {
  EXPECT_NEAR(Distance(1, 1)(0), kOctave / std::log(2), 1);
  EXPECT_NEAR(Distance(1, 0.5)(0), 2 * kOctave / std::log(2), 1);
  EXPECT_EQ(Distance(1, 1)(-static_cast<float>(kInfinity)), kInfinity);
  const float largest = std::numeric_limits<float>::max();
  EXPECT_LT(Distance(largest, 1.2e-38)(-largest), kInfinity);
  EXPECT_NEAR(Distance::log_of(Distance(1, 0.5)(-2)), -6, 1e-12);
}

TEST(Weights, DistanceBelowIsTheFirstThatWeighsLess) {
  for (const uint64_t weight : {uint64_t{1}, uint64_t{2}, uint64_t{1000003}, kLargestWeight / 3, kLargestWeight}) {
    const double distance = distance_below(weight);
    EXPECT_LT(weight_of(distance), weight);
    EXPECT_GE(weight_of(distance - 1), weight);
  }
  EXPECT_EQ(distance_below(0), kInfinity);
}

}  // namespace
}  // namespace cortland::text
