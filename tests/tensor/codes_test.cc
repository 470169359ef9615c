#include "tensor/codes.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "tensor/every_target.h"
#include "tensor/some_codes.h"

namespace cortland {
namespace {

class CodesTest : public EveryTarget {};

// Rows of every length up to some vectors, and one that takes several turns.
std::vector<size_t> lengths() {
  std::vector<size_t> out{1000};
  for (size_t n = 1; n <= 40; ++n) {
    out.push_back(n);
  }
  return out;
}

TEST_P(CodesTest, ScaledOnesAreWhatTheFormulaSays) {
  for (const DType dtype : {DType::i8, DType::u8, DType::i4, DType::u4}) {
    const SomeCodes some(dtype);
    for (const size_t n : lengths()) {
      for (const auto& [block, magnitude, has_offsets] : {std::tuple{size_t{6}, 1.0f, false},
                                                          {size_t{16}, 0.01f, true},
                                                          {size_t{16}, 1e-6f, false},
                                                          {size_t{1000}, 1.0f, true},
                                                          {size_t{1000}, 1000.0f, false}}) {
        std::vector<float> scales, offsets, got(n);
        for (size_t i = 0; i * block < n; ++i) {
          scales.push_back(some_scale(i, magnitude));
          if (has_offsets) {
            offsets.push_back(static_cast<float>(i % 16));
          }
        }
        for (const bool to_half : {false, true}) {
          constexpr size_t kFirst = 10;
          const RowScales row{scales, offsets, block};
          const std::string what = fmt::format("{} {} {} {}", name_of(dtype), n, block, magnitude);
          scale_codes(some.codes(), kFirst, row, to_half, got);
          for (size_t i = 0; i < n; ++i) {
            const float want = (some.at(kFirst + i) - (has_offsets ? offsets[i / block] : 0)) * scales[i / block];
            ASSERT_EQ(got[i], to_half ? rounded_to_half(want) : want) << what << " " << i;
          }
        }
      }
    }
  }
}

TEST_P(CodesTest, EveryMantissaOfAScaleIsRoundedAsFp16Is) {
  std::vector<uint8_t> bytes(256);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(i);
  }
  for (const DType dtype : {DType::i8, DType::u8}) {
    for (uint32_t mantissa = 1024; mantissa < 2048; ++mantissa) {
      const float scale = std::ldexp(static_cast<float>(mantissa), -17);
      std::vector<float> got(256);
      scale_codes({dtype, bytes.data()}, 0, {{&scale, 1}, {}, 256}, true, got);
      for (size_t i = 0; i < 256; ++i) {
        const float code = dtype == DType::i8 ? static_cast<int8_t>(bytes[i]) : static_cast<float>(bytes[i]);
        ASSERT_EQ(got[i], rounded_to_half(code * scale)) << code << " x " << scale;
      }
    }
  }
}

TEST(RowScales, AreExactWhereFp16IsNormal) {
  const auto is_exact = [](float scale, float offset) { return RowScales{{&scale, 1}, {&offset, 1}, 1}.is_exact(); };
  EXPECT_TRUE(is_exact(0x1p-14f, 0));
  EXPECT_TRUE(is_exact(-128, 255));
  EXPECT_TRUE(is_exact(0, 3));
  EXPECT_FALSE(is_exact(0x1.8p-15f, 0));
  EXPECT_FALSE(is_exact(129, 0));
  EXPECT_FALSE(is_exact(std::numeric_limits<float>::quiet_NaN(), 0));
  EXPECT_FALSE(is_exact(1, 0.5f));
  EXPECT_FALSE(is_exact(1, 256));
}

TEST_P(CodesTest, EachIsItsEntryOfATable) {
  for (const DType dtype : {DType::u1, DType::u2, DType::u3, DType::u4, DType::u6, DType::u8}) {
    const SomeCodes some(dtype);
    std::vector<float> table;
    for (int i = 0; i < 1 << bits_of(dtype); ++i) {
      table.push_back(1.5f * static_cast<float>(i * i) - 7);
    }
    for (const size_t n : lengths()) {
      constexpr size_t kFirst = 16;
      std::vector<float> got(n);
      look_up_codes(some.codes(), kFirst, table, got);
      for (size_t i = 0; i < n; ++i) {
        ASSERT_EQ(got[i], table[static_cast<size_t>(some.at(kFirst + i))]) << name_of(dtype) << " " << n << " " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryTarget, CodesTest, every_target(), name_of_target);

TEST(Codes, BeginBytes) {
  EXPECT_TRUE((Codes{DType::u4}.begins_byte(2)));
  EXPECT_FALSE((Codes{DType::u4}.begins_byte(1)));
  EXPECT_TRUE((Codes{DType::u6}.begins_byte(4)));
  EXPECT_FALSE((Codes{DType::u3}.begins_byte(4)));
  EXPECT_TRUE((Codes{DType::i8}.begins_byte(7)));
}

}  // namespace
}  // namespace cortland
