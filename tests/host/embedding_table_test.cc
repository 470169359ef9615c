#include "host/embedding_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "portable/half.h"

namespace cortland::host {
namespace {

using Bytes = std::vector<std::byte>;
using Kind = EmbeddingTable::Kind;

template <typename T>
void append(Bytes& out, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// 3 rows of 4.
Bytes half_file() {
  Bytes file = EmbeddingTable::header(Kind::fp16, 3, 4);
  std::vector<uint16_t> rows(12);
  std::iota(rows.begin(), rows.end(), uint16_t{100});
  append(file, rows);
  return file;
}

Bytes int8_file(const std::vector<uint16_t>& scales) {
  Bytes file = EmbeddingTable::header(Kind::int8, 3, 4);
  append(file, std::vector<int8_t>{1, -1, 127, -127, 0, 5, -128, 3, 7, 7, 7, 7});
  file.resize(128);
  append(file, scales);
  return file;
}

std::string failure_of(const Bytes& file) {
  const auto table = EmbeddingTable::open(file);
  return table ? "none" : table.message();
}

// A field of the header, as u32 or u64, replaced.
template <typename T>
Bytes with(Bytes file, size_t offset, T value) {
  std::memcpy(file.data() + offset, &value, sizeof value);
  return file;
}

TEST(EmbeddingTable, GivesRowsAsTheyAre) {
  const Bytes file = half_file();
  const auto table = EmbeddingTable::open(file);
  ASSERT_TRUE(table) << table.message();
  EXPECT_EQ(table->rows(), 3);
  EXPECT_EQ(table->width(), 4);
  std::vector<uint16_t> got(8);
  table->read(std::vector<int32_t>{2, 0}, got);
  EXPECT_EQ(got, (std::vector<uint16_t>{108, 109, 110, 111, 100, 101, 102, 103}));
}

// 3 * 2^-14 is exact in fp16, and so are small multiples; others are rounded to even.
TEST(EmbeddingTable, MultipliesCodesByTheScaleOfTheirRow) {
  const uint16_t one = portable::float_to_half(1), third = portable::float_to_half(1.0f / 3),
                 tiny = portable::float_to_half(0x1p-24f);
  const Bytes file = int8_file({one, third, tiny});
  const auto table = EmbeddingTable::open(file);
  ASSERT_TRUE(table) << table.message();
  std::vector<uint16_t> got(12);
  table->read(std::vector<int32_t>{0, 1, 2}, got);
  const std::vector<int> codes{1, -1, 127, -127, 0, 5, -128, 3, 7, 7, 7, 7};
  const float scales[] = {1, portable::half_to_float(third), 0x1p-24f};
  for (size_t i = 0; i < got.size(); ++i) {
    const auto want = static_cast<double>(scales[i / 4]) * codes[i];
    // Half a step of fp16 at most.
    const double step = std::max(0x1p-24, std::ldexp(1.0, std::ilogb(want == 0 ? 1 : want) - 10));
    EXPECT_LE(std::abs(static_cast<double>(portable::half_to_float(got[i])) - want), step / 2) << i;
  }
  EXPECT_EQ(got[4], 0);
}

TEST(EmbeddingTable, RefusesWhatIsNoSuchFile) {
  EXPECT_EQ(failure_of(Bytes(63)), "embedding table: got 63 bytes, want a header of 64");
  EXPECT_EQ(failure_of(Bytes(64)), "embedding table: is no such file");
  EXPECT_EQ(failure_of(with(half_file(), 4, uint32_t{2})),
            "embedding table: got version 2, want 1; hint: update this program");
  EXPECT_EQ(failure_of(with(half_file(), 8, uint32_t{2})), "embedding table: got kind 2, want 0 or 1");
  EXPECT_EQ(failure_of(with(half_file(), 16, uint64_t{0})), "embedding table: got 0 rows of 4 elements");
  EXPECT_EQ(failure_of(with(half_file(), 24, ~uint64_t{0})),
            "embedding table: got 3 rows of 18446744073709551615 elements");
  EXPECT_EQ(failure_of(with(half_file(), 16, uint64_t{4})), "embedding table: the rows reach beyond its end");
  EXPECT_EQ(failure_of(with(half_file(), 32, uint64_t{65})), "embedding table: the rows reach beyond its end");
  EXPECT_EQ(failure_of(with(half_file(), 32, ~uint64_t{63})), "embedding table: the rows reach beyond its end");
  EXPECT_EQ(failure_of(with(half_file(), 40, uint64_t{64})), "embedding table: got scales of fp16 rows");
  EXPECT_EQ(failure_of(int8_file({1, 2})), "embedding table: the scales reach beyond its end");
  EXPECT_EQ(failure_of(int8_file({1, 2, 3})), "none");
}

TEST(Half, NarrowsEveryValueThatItWidens) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = portable::half_to_float(half);
    if (!std::isnan(value)) {
      ASSERT_EQ(portable::float_to_half(value), half) << value;
    }
  }
}

// Between two neighbours: to the nearer one, and in the middle to the even one.
TEST(Half, NarrowsToTheNearest) {
  for (uint16_t half = 0; half < 0x7BFF; ++half) {
    const float low = portable::half_to_float(half), high = portable::half_to_float(static_cast<uint16_t>(half + 1));
    const float middle = low + (high - low) / 2;
    const auto even = static_cast<uint16_t>(half + half % 2);
    ASSERT_EQ(portable::float_to_half(middle), even) << middle;
    ASSERT_EQ(portable::float_to_half(std::nextafter(middle, low)), half) << middle;
    ASSERT_EQ(portable::float_to_half(std::nextafter(middle, high)), half + 1) << middle;
    ASSERT_EQ(portable::float_to_half(-middle), even | 0x8000) << middle;
  }
  EXPECT_EQ(portable::float_to_half(65519), 0x7BFF);
  EXPECT_EQ(portable::float_to_half(65520), 0x7C00);
}

}  // namespace
}  // namespace cortland::host
