#include "tensor/block_products.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "tensor/every_target.h"
#include "tensor/some_codes.h"

namespace cortland {
namespace {

class BlockProductsTest : public EveryTarget {};

// Of 8 significant bits, in fp16 normal and not.
std::vector<float> short_scales(size_t n, float magnitude) {
  std::vector<float> scales;
  for (size_t i = 0; i < n; ++i) {
    scales.push_back(magnitude * static_cast<float>(128 + i * 37 % 128) * (i % 3 == 1 ? -1.0f : 1.0f));
  }
  return scales;
}

TEST_P(BlockProductsTest, RowsAreThoseOfTheNumbersRoundedToFp16) {
  const SomeCodes some(DType::i4);
  constexpr size_t kFirst = 10;
  // Rows that vectors take whole, and those with a rest; blocks in a vector, and vectors in a block.
  for (const auto& [n, block] : {std::pair{size_t{128}, size_t{32}},
                                 {96, 32},
                                 {576, 32},
                                 {32, 32},
                                 {8, 8},
                                 {72, 8},
                                 {80, 16},
                                 {64, 64},
                                 {192, 64},
                                 {512, 128},
                                 {576, 576}}) {
    for (const size_t row_count : {size_t{1}, size_t{2}, size_t{5}}) {
      for (const float magnitude : {0x1p-24f, 0x1p-12f, 16.0f}) {
        const size_t blocks = n / block;
        const std::vector<float> scales = short_scales(row_count * blocks, magnitude);
        ASSERT_TRUE(has_multipliable_blocks({scales, {}, block}));
        std::vector<float> x, numbers(n), got(row_count);
        for (size_t i = 0; i < n; ++i) x.push_back(static_cast<float>(i * 29 % 61) / 16 - 1.7f);
        multiply_blocks(some.codes(), kFirst, {scales, {}, block}, x, got);
        for (size_t row = 0; row < row_count; ++row) {
          const size_t first = kFirst + row * n;
          scale_codes(some.codes(), first, {std::span(scales).subspan(row * blocks, blocks), {}, block}, true, numbers);
          double want = 0, terms = 0;
          for (size_t i = 0; i < n; ++i) {
            ASSERT_EQ(numbers[i], some.at(first + i) * scales[row * blocks + i / block]) << "nothing was rounded";
            want += static_cast<double>(numbers[i]) * static_cast<double>(x[i]);
            terms += std::abs(static_cast<double>(numbers[i]) * static_cast<double>(x[i]));
          }
          ASSERT_NEAR(got[row], want, 1e-6 * terms) << fmt::format("{} {} {} {}", n, block, row_count, row);
        }
      }
    }
  }
}

TEST_P(BlockProductsTest, ARowIsTheSameWhateverRowsAreWithIt) {
  const SomeCodes some(DType::i4);
  constexpr size_t kColumns = 96, kBlock = 32, kRows = 7;
  const std::vector<float> scales = short_scales(kRows * kColumns / kBlock, 0.01f / 128);
  std::vector<float> x, all(kRows);
  for (size_t i = 0; i < kColumns; ++i) x.push_back(std::sin(static_cast<float>(i)));
  multiply_blocks(some.codes(), 0, {scales, {}, kBlock}, x, all);
  for (size_t row = 0; row < kRows; ++row) {
    float alone = 0;
    const auto of_row = std::span(scales).subspan(row * kColumns / kBlock, kColumns / kBlock);
    multiply_blocks(some.codes(), row * kColumns, {of_row, {}, kBlock}, x, {&alone, 1});
    EXPECT_EQ(all[row], alone) << row;
  }
}

TEST_P(BlockProductsTest, TakesScalesThatNoCodeMakesTooLongForFp16) {
  const auto is_taken = [](float scale, size_t block = 32) {
    return has_multipliable_blocks({{&scale, 1}, {}, block});
  };
  EXPECT_TRUE(is_taken(0));
  EXPECT_TRUE(is_taken(0x1p-24f));
  EXPECT_TRUE(is_taken(-0x1.fep-3f));
  EXPECT_FALSE(is_taken(0x1.ffp-3f));
  EXPECT_TRUE(is_taken(8160));
  EXPECT_FALSE(is_taken(8192));
  EXPECT_FALSE(is_taken(std::numeric_limits<float>::quiet_NaN()));
  for (const size_t block : {8u, 16u, 32u, 64u, 128u, 576u}) EXPECT_TRUE(is_taken(1, block)) << block;
  for (const size_t block : {1u, 4u, 12u, 24u, 48u, 96u, 70u}) EXPECT_FALSE(is_taken(1, block)) << block;
  const std::vector<float> ones(2, 1.0f), mixed{1.0f, 1.01f};
  EXPECT_FALSE(has_multipliable_blocks({mixed, {}, 32}));
  EXPECT_FALSE(has_multipliable_blocks({ones, ones, 32}));
}

INSTANTIATE_TEST_SUITE_P(EveryTarget, BlockProductsTest, every_target(), name_of_target);

}  // namespace
}  // namespace cortland
