#include "tensor/code_products.h"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "tensor/convert.h"
#include "tensor/every_target.h"
#include "tensor/some_codes.h"

namespace cortland {
namespace {

class CodeProductsTest : public EveryTarget {};

constexpr size_t kSeveralRows = 3;

std::vector<float> some_vector(size_t n) {
  std::vector<float> x;
  for (size_t i = 0; i < n; ++i) x.push_back((static_cast<float>(i % 7) - 2.5f) / 3);
  return x;
}

// To the last bit, so that what is compressed gives what it gives when it is stored decompressed.
void expect_same_product(float got, std::span<const float> numbers, std::span<const float> x, const std::string& what) {
  ASSERT_EQ(got, dot(DType::f32, std::as_bytes(numbers).data(), x.data(), x.size())) << what;
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

TEST_P(CodeProductsTest, ScaledOnesAreThoseOfTheNumbers) {
  for (const DType dtype : {DType::i8, DType::u8, DType::i4, DType::u4}) {
    const SomeCodes some(dtype);
    // Blocks that the loops take whole, of all of a row too, and others; scales that are exact, and others.
    for (const auto& [n, block, magnitude] : {std::tuple{size_t{96}, size_t{32}, 0.01f},
                                              {128, 128, 1.0f},
                                              {96, 16, 1.0f},
                                              {70, 70, 1.0f},
                                              {64, 32, 1e-6f}}) {
      for (const bool has_offsets : {false, true}) {
        const size_t blocks = n / block;
        std::vector<float> scales, offsets;
        for (size_t i = 0; i < kSeveralRows * blocks; ++i) {
          scales.push_back(some_scale(i, magnitude));
          if (has_offsets) offsets.push_back(static_cast<float>(i % 16));
        }
        for (const bool to_half : {false, true}) {
          constexpr size_t kFirst = 10;
          const std::vector<float> x = some_vector(n);
          std::vector<float> numbers(n), got(kSeveralRows);
          multiply_scaled_codes(some.codes(), kFirst, {scales, offsets, block}, to_half, x, got);
          for (size_t row = 0; row < kSeveralRows; ++row) {
            const auto of_row = [&](const std::vector<float>& all) {
              return all.empty() ? std::span<const float>() : std::span(all).subspan(row * blocks, blocks);
            };
            scale_codes(some.codes(), kFirst + row * n, {of_row(scales), of_row(offsets), block}, to_half, numbers);
            const auto what = fmt::format("{} {} {} {} {}", name_of(dtype), n, block, magnitude, row);
            expect_product(got[row], numbers, x, what);
            // Those of int4 take the scale of a block behind its sum.
            if (dtype != DType::i4) expect_same_product(got[row], numbers, x, what);
          }
        }
      }
    }
  }
}

TEST_P(CodeProductsTest, EntriesAreThoseOfTheNumbers) {
  for (const DType dtype : {DType::u2, DType::u4, DType::u6, DType::u8}) {
    const SomeCodes some(dtype);
    std::vector<float> table;
    for (int i = 0; i < 1 << bits_of(dtype); ++i) table.push_back(1.5f * static_cast<float>(i * i) - 7);
    for (const size_t n : {size_t{32}, size_t{31}, size_t{416}}) {
      constexpr size_t kFirst = 16;
      const std::vector<float> x = some_vector(n);
      std::vector<float> numbers(n);
      look_up_codes(some.codes(), kFirst, table, numbers);
      const float got = multiply_entries(some.codes(), kFirst, table, x);
      const auto what = fmt::format("{} {}", name_of(dtype), n);
      expect_product(got, numbers, x, what);
      expect_same_product(got, numbers, x, what);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryTarget, CodeProductsTest, every_target(), name_of_target);

}  // namespace
}  // namespace cortland
