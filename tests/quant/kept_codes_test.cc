#include "quant/kept_codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/failure.h"
#include "quant/scale.h"

namespace cortland {
namespace {

using testing::ElementsAre;

Encoded keep(std::vector<uint8_t> codes, std::vector<float> scales, std::vector<uint8_t> zeros, const Scheme& scheme) {
  return keep_codes({codes, scales, zeros}, scheme, "w");
}

std::string failure_of(std::vector<uint8_t> codes, std::vector<float> scales, std::vector<uint8_t> zeros,
                       const Scheme& scheme) {
  return failure([&] { keep(codes, scales, zeros, scheme); });
}

TEST(KeptCodes, SignedCodesLoseTheirCentre) {
  const Encoded kept = keep({0, 7, 8, 15}, {0.5f, 2}, {8, 8}, int4_scheme(2));
  EXPECT_THAT(kept.codes, ElementsAre(8, 15, 0, 7));  // -8, -1, 0, 7
  EXPECT_THAT(kept.scales, ElementsAre(float_to_half(0.5f), float_to_half(2)));
  EXPECT_TRUE(kept.offsets.empty());
  EXPECT_THAT(keep({0, 127, 128, 255}, {1}, {128}, int8_scheme()).codes, ElementsAre(0x80, 0xff, 0, 0x7f));
}

TEST(KeptCodes, NegativeScalesTurnCodesAndZeros) {
  Encoded kept = keep({0, 8, 15, 3}, {-0.5f, 0.5f}, {8, 2}, uint4_scheme(2));
  EXPECT_THAT(kept.codes, ElementsAre(15, 7, 15, 3));
  EXPECT_THAT(kept.offsets, ElementsAre(7, 2));
  EXPECT_THAT(kept.scales, ElementsAre(float_to_half(0.5f), float_to_half(0.5f)));
  kept = keep({1, 255}, {-1}, {128}, int8_scheme());
  EXPECT_THAT(kept.codes, ElementsAre(127, 0x81));
}

TEST(KeptCodes, BlocksOfZeros) {
  Encoded kept = keep({3, 9}, {0}, {8}, uint4_scheme(2));
  EXPECT_THAT(kept.codes, ElementsAre(8, 8));
  EXPECT_THAT(kept.offsets, ElementsAre(8));
  EXPECT_THAT(kept.scales, ElementsAre(kUnitScale));
  kept = keep({3, 9}, {-0.0f}, {8}, int4_scheme(2));
  EXPECT_THAT(kept.codes, ElementsAre(0, 0));
  EXPECT_THAT(keep({3, 9}, {1e-9f}, {8}, int4_scheme(2)).scales, ElementsAre(kSmallestScale));
}

TEST(KeptCodes, WhatCannotBeKept) {
  EXPECT_EQ(
      failure_of({0, 8}, {-1}, {8}, int4_scheme(2)),
      "unsupported: w: a negative scale meets the code -8, which cannot be negated; hint: --keep 'NAME=int8' for this tensor");
  EXPECT_EQ(failure_of({0}, {std::numeric_limits<float>::infinity()}, {8}, uint4_scheme(1)),
            "corrupt: w: holds a scale that is not finite; hint: the file is damaged");
  EXPECT_EQ(failure_of({0, 15}, {9000}, {8}, uint4_scheme(2)),
            "unsupported: w: weights of 72000 are beyond fp16; hint: leave --precision keep out");
  EXPECT_EQ(failure_of({9, 15}, {9000}, {8}, uint4_scheme(2)), "no error");
}

}  // namespace
}  // namespace cortland
