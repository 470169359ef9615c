#include "text/sampler/logits.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace cortland::text {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// From the definition of the format, with nothing that the code uses.
float widened(uint16_t half) {
  const int exponent = (half >> 10) & 31, mantissa = half & 1023;
  const float size = exponent == 31  ? (mantissa == 0 ? kInfinity : std::numeric_limits<float>::quiet_NaN())
                     : exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                     : std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
  return std::copysign(size, half & 0x8000 ? -1.0f : 1.0f);
}

std::string problem_of(const Logits& logits) {
  std::vector<float> scores;
  const auto failure = read_logits(logits, scores);
  return failure ? failure->message : "";
}

TEST(Logits, EveryHalfIsExact) {
  for (uint32_t i = 0; i < 65536; ++i) {
    const uint16_t half = static_cast<uint16_t>(i);
    const float got = to_fp32(half), want = widened(half);
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(got)) << i;
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(want)) << i;
    }
  }
}

TEST(Logits, AreReadInBothTypesAndWithAnyStride) {
  std::vector<float> scores = {9, 9, 9, 9, 9, 9};
  const float singles[] = {1, 2, -kInfinity, 4, 5};
  ASSERT_FALSE(read_logits({.data = singles, .type = LogitType::fp32, .count = 5}, scores));
  EXPECT_EQ(scores, (std::vector<float>{1, 2, -kInfinity, 4, 5}));
  ASSERT_FALSE(read_logits({.data = singles, .type = LogitType::fp32, .count = 3, .stride = 2}, scores));
  EXPECT_EQ(scores, (std::vector<float>{1, -kInfinity, 5}));
  std::vector<uint16_t> halves(100 * 32, 0x7E00);  // NaN where nothing must be read
  for (size_t i = 0; i < 100; ++i) halves[i * 32] = static_cast<uint16_t>(0x3C00 + i);
  ASSERT_FALSE(read_logits({.data = halves.data(), .count = 100, .stride = 32}, scores));
  ASSERT_EQ(scores.size(), 100u);
  for (size_t i = 0; i < 100; ++i) EXPECT_EQ(scores[i], 1 + static_cast<float>(i) / 1024);
}

TEST(Logits, NeedNoAlignment) {
  std::vector<char> bytes(4 * 5 + 1);
  const float one = 1;
  for (size_t i = 0; i < 5; ++i) std::copy_n(reinterpret_cast<const char*>(&one), 4, bytes.data() + 1 + 4 * i);
  std::vector<float> scores;
  ASSERT_FALSE(read_logits({.data = bytes.data() + 1, .type = LogitType::fp32, .count = 5}, scores));
  EXPECT_EQ(scores, std::vector<float>(5, 1));
}

TEST(Logits, WhatIsNoNumberIsNamed) {
  for (const size_t at : {0u, 63u, 64u, 99u}) {
    std::vector<uint16_t> halves(100, 0x3C00);
    halves[at] = 0xFE00;
    EXPECT_EQ(problem_of({.data = halves.data(), .count = 100}),
              "logits: the model gave no number for token " + std::to_string(at) +
                  "; got NaN, want a finite number or -infinity");
    std::vector<float> singles(100, 1);
    singles[at] = kInfinity;
    EXPECT_EQ(problem_of({.data = singles.data(), .type = LogitType::fp32, .count = 100}),
              "logits: the model gave no number for token " + std::to_string(at) +
                  "; got +infinity, want a finite number or -infinity");
  }
}

TEST(Logits, ABadViewIsRefused) {
  const uint16_t half = 0;
  const std::string start = "logits: not a view of numbers; got ", end = ", want at least 1 with stride 1 or more";
  EXPECT_EQ(problem_of({.count = 3}), start + "3 with stride 1 at no address" + end);
  EXPECT_EQ(problem_of({.data = &half, .count = 0}), start + "0 with stride 1" + end);
  EXPECT_EQ(problem_of({.data = &half, .count = 1, .stride = 0}), start + "1 with stride 0" + end);
}

}  // namespace
}  // namespace cortland::text
