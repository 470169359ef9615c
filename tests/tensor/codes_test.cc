#include "tensor/codes.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "tensor/convert.h"
#include "tensor/elements.h"
#include "tensor/every_target.h"

namespace cortland {
namespace {

// Codes of 3,000 random bytes: their numbers as Elements reads them one by one.
class SomeCodes {
 public:
  explicit SomeCodes(DType dtype) : bytes_(3000) {
    std::mt19937 random(static_cast<unsigned>(dtype));
    for (std::byte& byte : bytes_) {
      byte = static_cast<std::byte>(random() & 0xff);
    }
    elements_ = make_stored_elements(dtype, bytes_, nullptr);
    codes_ = elements_->codes().value();
  }
  const Codes& codes() const { return codes_; }
  float at(size_t i) const {
    float value = 0;
    elements_->read(static_cast<int64_t>(i), {&value, 1});
    return value;
  }

 private:
  std::vector<std::byte> bytes_;
  ElementsPtr elements_;
  Codes codes_;
};

class CodesTest : public EveryTarget {};

std::vector<float> some_vector(size_t n) {
  std::vector<float> x;
  for (size_t i = 0; i < n; ++i) {
    x.push_back(static_cast<float>(i % 7) - 2.5f);
  }
  return x;
}

// A sum of products in fp32 is as it is in fp64, but for the rounding of each term.
void expect_product(float got, std::span<const float> numbers, std::span<const float> x, const std::string& what) {
  double want = 0, magnitude = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double term = static_cast<double>(numbers[i]) * static_cast<double>(x[i]);
    want += term;
    magnitude += std::abs(term);
  }
  ASSERT_NEAR(got, want, 1e-6 * magnitude) << what;
}

// Rows of every length up to some vectors, and one that takes several turns.
std::vector<size_t> lengths() {
  std::vector<size_t> out{1000};
  for (size_t n = 1; n <= 40; ++n) {
    out.push_back(n);
  }
  return out;
}

float rounded_to_half(float value) { return half_to_float(float_to_half(value)); }

// Scales of fp16: ordinary ones, and those whose numbers leave the normal range of fp16 at either end.
float some_scale(size_t block, float magnitude) {
  return rounded_to_half(magnitude * (0.37f + static_cast<float>(block)) * (block % 3 == 1 ? -1.0f : 1.0f));
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
          const std::vector<float> x = some_vector(n);
          if (std::isfinite(got[0]) && magnitude < 1000) {
            expect_product(multiply_scaled_codes(some.codes(), kFirst, row, to_half, x), got, x, what);
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
      const std::vector<float> x = some_vector(n);
      expect_product(multiply_entries(some.codes(), kFirst, table, x), got, x, fmt::format("{} {}", name_of(dtype), n));
    }
  }
}

TEST_P(CodesTest, ProductsEndWithTheLastCode) {
  // Codes of zero fill the last vector up; what they stand for is no part of the sum.
  const std::vector<uint8_t> bytes(16, 0x11);
  std::vector<float> table(16, 2.0f);
  table[0] = std::numeric_limits<float>::infinity();
  for (size_t n = 1; n <= 32; ++n) {
    EXPECT_EQ(multiply_entries({DType::u4, bytes.data()}, 0, table, std::vector(n, 1.0f)),
              2.0f * static_cast<float>(n));
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
