#include "tensor/convert.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/failure.h"
#include "tensor/every_target.h"
#include "tensor/numbers.h"

namespace cortland {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The value of an fp16 pattern by definition: sign, 5 bits of exponent, 10 of mantissa.
double half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return mantissa != 0 ? std::nan("") : sign * HUGE_VAL;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

// The nearest fp16 pattern by comparing with the neighbours; of equals, the one whose last bit is 0.
uint16_t nearest_half(double value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::abs(value);
  uint16_t low = 0, high = 0x7c00;  // patterns of one sign are in the order of their values
  while (high - low > 1) {
    const auto middle = static_cast<uint16_t>((low + high) / 2);
    (half_value(middle) <= magnitude ? low : high) = middle;
  }
  const double above = high == 0x7c00 ? 65536.0 : half_value(high);
  const double to_low = magnitude - half_value(low), to_high = above - magnitude;
  const bool up = to_high < to_low || (to_high == to_low && (low & 1) != 0);
  return static_cast<uint16_t>(sign | (up ? high : low));
}

class Convert : public EveryTarget {};

TEST_P(Convert, EveryHalfHasItsValueAndComesBack) {
  for (uint32_t pattern = 0; pattern <= 0xffff; ++pattern) {
    const auto bits = static_cast<uint16_t>(pattern);
    const float value = half_to_float(bits);
    if (std::isnan(half_value(bits))) {
      EXPECT_TRUE(std::isnan(value)) << pattern;
      EXPECT_TRUE(std::isnan(half_value(float_to_half(value)))) << pattern;
      continue;
    }
    ASSERT_EQ(value, half_value(bits)) << pattern;
    ASSERT_EQ(std::signbit(value), (pattern & 0x8000) != 0) << pattern;
    ASSERT_EQ(float_to_half(value), bits) << pattern;
  }
}

TEST_P(Convert, FloatsRoundToTheNearestHalfTiesToEven) {
  // The middle between each pair of neighbours, and the floats on both sides of it.
  for (uint32_t pattern = 0; pattern < 0x7bff; ++pattern) {
    const auto low = static_cast<uint16_t>(pattern), high = static_cast<uint16_t>(pattern + 1);
    const auto middle = static_cast<float>((half_value(low) + half_value(high)) / 2);
    ASSERT_EQ(float_to_half(middle), (low & 1) == 0 ? low : high) << pattern;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 0.0f)), low) << pattern;
    ASSERT_EQ(float_to_half(std::nextafter(middle, kInfinity)), high) << pattern;
    ASSERT_EQ(float_to_half(-middle), 0x8000 | ((low & 1) == 0 ? low : high)) << pattern;
  }
}

TEST_P(Convert, TheEdgesOfTheRange) {
  const std::pair<float, uint16_t> cases[] = {
      {0.0f, 0x0000},      {-0.0f, 0x8000},      {1.0f, 0x3c00},    {65504.0f, 0x7bff},
      {65519.996f, 0x7bff}, {65520.0f, 0x7c00},   {1e30f, 0x7c00},   {-1e30f, 0xfc00},
      {kInfinity, 0x7c00}, {-kInfinity, 0xfc00}, {1e-30f, 0x0000},  {-1e-30f, 0x8000},
      {0x1p-24f, 0x0001},  {0x1p-25f, 0x0000},   {0x1.8p-25f, 0x0001}, {std::numeric_limits<float>::denorm_min(), 0}};
  for (const auto& [value, want] : cases) EXPECT_EQ(float_to_half(value), want) << value;
  EXPECT_TRUE(std::isnan(half_value(float_to_half(kNaN))));
}

TEST_P(Convert, RoundToHalfIsThereAndBack) {
  for (size_t n : {0u, 1u, 7u, 33u}) {
    std::vector<float> values(n);
    for (size_t i = 0; i < n; ++i) values[i] = std::sin(static_cast<float>(i)) * 100;
    std::vector<float> rounded = values;
    round_to_half(rounded);
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(rounded[i], half_value(nearest_half(values[i]))) << i;
  }
  std::vector<float> edges{65520.0f, -1e6f, 0x1p-25f};
  round_to_half(edges);
  EXPECT_EQ(edges, (std::vector<float>{kInfinity, -kInfinity, 0}));
}

TEST_P(Convert, StoredElementsOfEveryTypeReadAtAnyAlignment) {
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32, DType::f64}) {
    ASSERT_TRUE(is_convertible(dtype));
    for (size_t n = 0; n < 40; ++n) {
      const std::vector<float> want = exact_numbers(n, 1, 64);
      for (const size_t lead : {0u, 1u, 2u, 3u}) {
        const std::vector<std::byte> bytes = stored_as(dtype, want, lead);
        std::vector<float> got(n, kNaN);
        to_floats(dtype, bytes.data() + lead, got);
        ASSERT_EQ(got, want) << name_of(dtype) << " x " << n << " + " << lead;
        std::vector<uint16_t> halves(n);
        const ConvertStats stats = to_halves(dtype, bytes.data() + lead, halves);
        for (size_t i = 0; i < n; ++i) ASSERT_EQ(half_value(halves[i]), want[i]);
        EXPECT_FALSE(stats.non_finite);
        EXPECT_EQ(stats.saturated, 0u);
      }
    }
  }
}

TEST_P(Convert, EveryBrainFloatHasItsValue) {
  std::vector<uint16_t> patterns(0x10000);
  for (size_t i = 0; i < patterns.size(); ++i) patterns[i] = static_cast<uint16_t>(i);
  std::vector<float> values(patterns.size());
  to_floats(DType::bf16, reinterpret_cast<const std::byte*>(patterns.data()), values);
  for (uint32_t i = 0; i < patterns.size(); ++i) ASSERT_EQ(std::bit_cast<uint32_t>(values[i]), i << 16);

  for (size_t i = 0; i < patterns.size(); ++i) {
    uint16_t half = 0;
    to_halves(DType::bf16, reinterpret_cast<const std::byte*>(&patterns[i]), std::span(&half, 1));
    if (!std::isfinite(values[i]) || std::abs(values[i]) > kHalfMax) continue;
    ASSERT_EQ(half, nearest_half(values[i])) << i;
  }
}

TEST_P(Convert, SaturationIsCountedAndWrittenAsTheLargestHalf) {
  for (const DType dtype : {DType::bf16, DType::f32, DType::f64}) {
    std::vector<float> values(35, 0.5f);
    values[3] = 65536.0f;
    values[20] = -131072.0f;
    values[34] = 65280.0f;  // below the limit, and exact in bf16 too
    std::vector<uint16_t> halves(values.size());
    const ConvertStats stats = to_halves(dtype, stored_as(dtype, values).data(), halves);
    EXPECT_EQ(stats.saturated, 2u) << name_of(dtype);
    EXPECT_EQ(stats.max_abs, 131072.0f) << name_of(dtype);
    EXPECT_FALSE(stats.non_finite);
    EXPECT_EQ(halves[3], 0x7bff);
    EXPECT_EQ(halves[20], 0xfbff);
    EXPECT_EQ(halves[34], nearest_half(65280));
    EXPECT_EQ(halves[0], 0x3800);
  }
}

TEST_P(Convert, ANaNOrInfinityIsSeenWhereverItStands) {
  for (const float bad : {kNaN, -kNaN, kInfinity, -kInfinity}) {
    for (const DType dtype : {DType::f16, DType::bf16, DType::f32, DType::f64}) {
      for (size_t at = 0; at < 19; ++at) {
        std::vector<float> values(19, 0.25f);
        values[at] = bad;
        values[(at + 1) % 19] = dtype == DType::f16 ? -3.0f : 131072.0f;
        std::vector<uint16_t> halves(values.size());
        const ConvertStats stats = to_halves(dtype, stored_as(dtype, values).data(), halves);
        EXPECT_TRUE(stats.non_finite) << name_of(dtype) << " at " << at;
        EXPECT_EQ(stats.max_abs, dtype == DType::f16 ? 3.0f : 131072.0f);
        EXPECT_EQ(stats.saturated, dtype == DType::f16 ? 0u : 1u);
      }
    }
  }
}

TEST_P(Convert, DoublesRoundOnceNotTwice) {
  const double cases[] = {1 + 0x1p-11 + 0x1p-40,  // just above a tie that fp32 cannot tell from it
                          1 + 0x1p-11 - 0x1p-40, 1 + 0x1p-11, 1 + 0x3p-11, -(1 + 0x1p-11 + 0x1p-40), 0x1p-25 + 0x1p-70,
                          0x1p-25, 1e-320, -1e-320, 3.14159265358979, 65503.99999999};
  for (const double value : cases) {
    uint16_t half = 0;
    to_halves(DType::f64, reinterpret_cast<const std::byte*>(&value), std::span(&half, 1));
    EXPECT_EQ(half, nearest_half(value)) << value;
  }
  const double beyond_fp32 = -1e300;
  uint16_t half = 0;
  const ConvertStats stats =
      to_halves(DType::f64, reinterpret_cast<const std::byte*>(&beyond_fp32), std::span(&half, 1));
  EXPECT_EQ(half, 0xfbff);
  EXPECT_EQ(stats.saturated, 1u);
  EXPECT_FALSE(stats.non_finite);
}

TEST_P(Convert, DotIsTheSumOfProducts) {
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32}) {
    for (const size_t n : {0u, 1u, 15u, 16u, 17u, 64u, 257u}) {
      const std::vector<float> w = exact_numbers(n, 2), x = exact_numbers(n, 3);
      double want = 0;
      for (size_t i = 0; i < n; ++i) want += static_cast<double>(w[i]) * x[i];
      // Products of 7-bit numbers: every partial sum is exact in fp32.
      EXPECT_EQ(dot(dtype, stored_as(dtype, w, 1).data() + 1, x.data(), n), want) << name_of(dtype) << " x " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryTarget, Convert, every_target(), name_of_target);

TEST(ConvertStats, MergeKeepsTheWorst) {
  ConvertStats sum{.max_abs = 2, .non_finite = false, .saturated = 1};
  sum.merge({.max_abs = 3, .non_finite = true, .saturated = 4});
  sum.merge({.max_abs = 1, .non_finite = false, .saturated = 0});
  EXPECT_EQ(sum.max_abs, 3);
  EXPECT_TRUE(sum.non_finite);
  EXPECT_EQ(sum.saturated, 5u);
}

TEST(ToFloats, RefusesEveryOtherType) {
  const std::byte bytes[16] = {};
  for (const DTypeRow& row : dtype_rows()) {
    if (is_convertible(row.dtype)) continue;
    float value = 0;
    EXPECT_EQ(failure([&] { to_floats(row.dtype, bytes, std::span(&value, 1)); }),
              "unsupported: elements of " + std::string(row.name) + " cannot be read as numbers");
  }
}

}  // namespace
}  // namespace cortland
