#include "quant/block_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "quant/samples.h"

namespace cortland {
namespace {

constexpr int64_t kSides[] = {16, 32, 64, 128};
constexpr Law kLaws[] = {Law::gauss, Law::laplace, Law::student5, Law::student3};

int signed_code(uint8_t code) { return (code ^ 8) - 8; }
int signed_byte(uint8_t code) { return static_cast<int8_t>(code); }

// The errors of each block, from codes and scales alone.
std::vector<double> block_errors(std::span<const float> values, const Encoded& encoded, size_t side,
                                 int (*code_of)(uint8_t) = signed_code) {
  std::vector<double> errors(encoded.scales.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double scale = static_cast<double>(half_to_float(encoded.scales[i / side]));
    const int code =
        encoded.offsets.empty() ? code_of(encoded.codes[i]) : encoded.codes[i] - encoded.offsets[i / side];
    errors[i / side] += squared(static_cast<double>(values[i]) - scale * code);
  }
  return errors;
}

double total(const std::vector<double>& errors) {
  double sum = 0;
  for (const double e : errors) sum += e;
  return sum;
}

// The least error that any scale gives, by trying between all values where a code changes.
double best_error(std::span<const float> block) {
  std::vector<double> scales;
  for (const float x : block) {
    for (int code = 0; code < 8; ++code) scales.push_back(std::abs(static_cast<double>(x)) / (code + 0.5));
  }
  std::sort(scales.begin(), scales.end());
  double best = energy(block);
  for (size_t i = 0; i < scales.size(); ++i) {
    const double middle = i == 0 ? scales[0] / 2 : (scales[i - 1] + scales[i]) / 2;
    if (middle <= 0) continue;
    double num = 0, den = 0;
    for (const float x : block) {
      const double q = std::clamp(std::nearbyint(static_cast<double>(x) / middle), -8.0, 7.0);
      num += static_cast<double>(x) * q;
      den += q * q;
    }
    if (den > 0 && num > 0) best = std::min(best, energy(block) - num * num / den);
  }
  return best;
}

// So that a scale times a code is a number of fp16.
TEST(Int4Codec, ScalesHaveEightBits) {
  for (const float magnitude : {1e-30f, 6e-8f, 3e-5f, 1e-3f, 1.0f, 6e4f}) {
    std::vector<float> values = sample(Law::student3, 1 << 12);
    for (float& value : values) value = std::clamp(value * magnitude, -65504.0f, 65504.0f);
    const Encoded encoded = encode_int4({values, 1 << 10, {}}, 32);
    for (size_t i = 0; i < values.size(); ++i) {
      const float scale = half_to_float(encoded.scales[i / 32]);
      const float number = scale * static_cast<float>(signed_code(encoded.codes[i]));
      EXPECT_EQ(number, half_to_float(float_to_half(number))) << scale;
      EXPECT_EQ(std::bit_cast<uint32_t>(scale) & 0xffff, 0u) << scale;
    }
  }
}

TEST(Int4Codec, IsNeverWorseThanPlainRoundingInAnyBlock) {
  for (const Law law : kLaws) {
    for (const int64_t side : kSides) {
      const std::vector<float> values = sample(law, 1 << 14);
      const auto n = static_cast<size_t>(side);
      const std::vector<double> errors = block_errors(values, encode_int4({values, 1 << 10, {}}, side), n);
      for (size_t b = 0; b < errors.size(); ++b) {
        const double plain = plain_error(std::span(values).subspan(b * n, n));
        EXPECT_LE(errors[b], plain * (1 + 1e-5)) << "block " << b << " of " << side;
      }
    }
  }
}

TEST(Int4Codec, IsNearTheBestScale) {
  for (const Law law : kLaws) {
    const std::vector<float> values = sample(law, 1 << 14, 7);
    double best = 0;
    for (size_t at = 0; at < values.size(); at += 32) best += best_error(std::span(values).subspan(at, 32));
    const double ours = total(block_errors(values, encode_int4({values, 1 << 10, {}}, 32), 32));
    EXPECT_LT(decibel(ours, best), 0.05);
  }
}

// Signal to noise by quantization.md, section 3.1.
TEST(Int4Codec, ReachesThePublishedRatios) {
  const struct {
    Law law;
    double int4, uint4;
  } table[] = {{Law::gauss, 21.33, 22.31}, {Law::laplace, 19.28, 20.86}, {Law::student5, 19.20, 21.01}};
  for (const auto& row : table) {
    const std::vector<float> values = sample(row.law, 1 << 18, 3);
    const Rows rows{values, 1 << 10, {}};
    EXPECT_GT(decibel(energy(values), total(block_errors(values, encode_int4(rows, 32), 32))), row.int4 - 0.1);
    EXPECT_GT(decibel(energy(values), total(block_errors(values, encode_uint4(rows, 32), 32))), row.uint4 - 0.1);
  }
}

TEST(Int4Codec, UsesAllSixteenCodes) {
  const std::vector<float> values = sample(Law::gauss, 1 << 14);
  const Encoded encoded = encode_int4({values, 1 << 10, {}}, 32);
  const std::set<uint8_t> codes(encoded.codes.begin(), encoded.codes.end());
  EXPECT_EQ(codes.size(), 16u);
  EXPECT_EQ(*codes.rbegin(), 15);
}

double int8_error(std::span<const float> values, int64_t side) {
  const auto n = static_cast<size_t>(side);
  return total(block_errors(values, encode_int8_blocks({values, 1 << 10, {}}, side), n, signed_byte));
}

TEST(Int8Blocks, AreNeverWorseThanTheLargestAsTheLastCode) {
  for (const Law law : kLaws) {
    for (const int64_t side : kSides) {
      const std::vector<float> values = sample(law, 1 << 14);
      const auto n = static_cast<size_t>(side);
      const std::vector<double> errors =
          block_errors(values, encode_int8_blocks({values, 1 << 10, {}}, side), n, signed_byte);
      for (size_t b = 0; b < errors.size(); ++b) {
        const std::span<const float> block = std::span(values).subspan(b * n, n);
        float largest = 0;
        for (const float x : block) largest = std::max(largest, std::abs(x));
        const auto scale = static_cast<double>(half_to_float(float_to_half(largest / 127)));
        double plain = 0;
        for (const float x : block) {
          const double code = std::clamp(std::nearbyint(static_cast<double>(x) / scale), -127.0, 127.0);
          plain += squared(static_cast<double>(x) - scale * code);
        }
        EXPECT_LE(errors[b], plain * (1 + 1e-4)) << "block " << b << " of " << side;
      }
    }
  }
}

// What GGUF calls Q8_0.
TEST(Int8Blocks, FindCodesOfEightBitsAgain) {
  std::vector<float> values = sample(Law::gauss, 1 << 14);
  for (size_t at = 0; at < values.size(); at += 32) {
    const std::span<float> block = std::span(values).subspan(at, 32);
    float largest = 0;
    for (const float x : block) largest = std::max(largest, std::abs(x));
    const float scale = half_to_float(float_to_half(largest / 127));
    for (float& x : block) x = std::nearbyint(x / scale) * scale;
  }
  EXPECT_EQ(int8_error(values, 32), 0);
}

// What it calls Q4_1: a scale and a minimum, which is no multiple of it.
TEST(Int8Blocks, ComeNearWeightsThatHadFourBits) {
  std::vector<float> values = sample(Law::gauss, 1 << 14);
  for (size_t at = 0; at < values.size(); at += 32) {
    const std::span<float> block = std::span(values).subspan(at, 32);
    const auto [low, high] = std::minmax_element(block.begin(), block.end());
    const float minimum = *low, scale = (*high - minimum) / 15;
    for (float& x : block) x = std::nearbyint((x - minimum) / scale) * scale + minimum;
  }
  EXPECT_GT(decibel(energy(values), int8_error(values, 32)), 53);
  const std::vector<float> others = sample(Law::gauss, 1 << 14);
  EXPECT_LT(decibel(energy(others), int8_error(others, 32)), 47);
}

TEST(BlockCodecs, BlocksOfZerosHaveScaleOne) {
  const std::vector<float> values(64, 0.0f);
  for (const Encoded& encoded : {encode_int4({values, 64, {}}, 32), encode_uint4({values, 64, {}}, 32),
                                 encode_int8_blocks({values, 64, {}}, 32)}) {
    EXPECT_EQ(encoded.scales, std::vector<uint16_t>(2, 0x3c00));
    for (size_t i = 0; i < 64; ++i) EXPECT_EQ(encoded.codes[i], encoded.offsets.empty() ? 0 : encoded.offsets[0]);
  }
}

TEST(BlockCodecs, ScalesAreAlwaysPositiveAndFinite) {
  for (const float magnitude : {1e-30f, 6e-8f, 1e-6f, 1e-4f, 1.0f, 6e4f}) {
    std::vector<float> values = sample(Law::student3, 256);
    for (float& value : values) value = std::clamp(value * 50 * magnitude, -65504.0f, 65504.0f);
    values[5] = magnitude;
    for (const Encoded& encoded : {encode_int4({values, 256, {}}, 32), encode_uint4({values, 256, {}}, 32),
                                   encode_int8_blocks({values, 256, {}}, 32)}) {
      for (const uint16_t scale : encoded.scales) {
        EXPECT_GT(scale, 0);
        EXPECT_LE(half_to_float(scale) * 8, 65504.0f) << magnitude;
      }
    }
  }
}

TEST(BlockCodecs, ConstantsAndSingleOutliersAreKept) {
  std::vector<float> constant(32, 0.125f), outlier(32, 0.0f), negative(32, 0.0f);
  outlier[9] = 3.5f;
  negative[9] = -4.0f;
  for (const auto& values : {constant, outlier, negative}) {
    EXPECT_LE(total(block_errors(values, encode_int4({values, 32, {}}, 32), 32)), 0x1p-18 * energy(values));
    EXPECT_LT(total(block_errors(values, encode_uint4({values, 32, {}}, 32), 32)), 1e-6 * energy(values));
  }
}

TEST(BlockCodecs, OffsetsHelpWhereBlocksAreLopsided) {
  std::vector<float> values = sample(Law::gauss, 1 << 12);
  for (float& value : values) value = std::abs(value);
  const Rows rows{values, 1 << 10, {}};
  EXPECT_GT(decibel(total(block_errors(values, encode_int4(rows, 32), 32)),
                    total(block_errors(values, encode_uint4(rows, 32), 32))),
            5.0);
}

TEST(BlockCodecs, EqualImportanceChangesNothing) {
  const std::vector<float> values = sample(Law::student5, 1 << 12), importance(1 << 10, 2.0f);
  EXPECT_EQ(encode_int4({values, 1 << 10, {}}, 32).codes, encode_int4({values, 1 << 10, importance}, 32).codes);
  EXPECT_EQ(encode_uint4({values, 1 << 10, {}}, 32).codes, encode_uint4({values, 1 << 10, importance}, 32).codes);
  EXPECT_EQ(encode_int8_blocks({values, 1 << 10, {}}, 32).codes,
            encode_int8_blocks({values, 1 << 10, importance}, 32).codes);
}

TEST(BlockCodecs, ImportanceLowersTheErrorOfWhatMatters) {
  const std::vector<float> values = sample(Law::student5, 1 << 14);
  std::vector<float> importance(1 << 10, 1.0f);
  for (size_t j = 0; j < importance.size(); j += 8) importance[j] = 100;
  const auto weighted_error = [&](const Encoded& encoded) {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      const double decoded = static_cast<double>(half_to_float(encoded.scales[i / 32])) * signed_code(encoded.codes[i]);
      sum += static_cast<double>(importance[i % importance.size()]) * squared(static_cast<double>(values[i]) - decoded);
    }
    return sum;
  };
  const double plain = weighted_error(encode_int4({values, 1 << 10, {}}, 32));
  EXPECT_GT(decibel(plain, weighted_error(encode_int4({values, 1 << 10, importance}, 32))), 0.5);
}

}  // namespace
}  // namespace cortland
