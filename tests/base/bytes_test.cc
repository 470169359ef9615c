#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace cortland {
namespace {

TEST(Bytes, LoadAndStoreAreLittleEndianAtAnyOffset) {
  std::array<std::byte, 11> bytes{};
  store_le<uint32_t>(bytes, 1, 0x11223344u);
  store_le<uint16_t>(bytes, 9, 0xabcdu);
  const std::array<int, 11> want{0, 0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0, 0xcd, 0xab};
  for (size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(std::to_integer<int>(bytes[i]), want[i]) << i;
  EXPECT_EQ(load_le<uint32_t>(bytes, 1), 0x11223344u);
  EXPECT_EQ(load_le<uint16_t>(bytes, 9), 0xabcdu);
  EXPECT_EQ(load_le<uint64_t>(bytes, 3), 0xabcd'0000'0000'1122u);
}

TEST(Bytes, CheckedArithmeticStopsAtTheEdge) {
  constexpr uint64_t kMax = UINT64_MAX;
  EXPECT_EQ(checked_add(2, 3), 5u);
  EXPECT_EQ(checked_add(kMax, 0), kMax);
  EXPECT_EQ(checked_add(kMax, 1), std::nullopt);
  EXPECT_EQ(checked_add(kMax / 2 + 1, kMax / 2 + 1), std::nullopt);
  EXPECT_EQ(checked_multiply(6, 7), 42u);
  EXPECT_EQ(checked_multiply(kMax, 1), kMax);
  EXPECT_EQ(checked_multiply(kMax, 0), 0u);
  EXPECT_EQ(checked_multiply(uint64_t{1} << 32, uint64_t{1} << 31), uint64_t{1} << 63);
  EXPECT_EQ(checked_multiply(uint64_t{1} << 32, uint64_t{1} << 32), std::nullopt);
  EXPECT_EQ(checked_multiply(kMax / 3 + 1, 3), std::nullopt);
}

TEST(Bytes, RoundUpFindsTheNextMultiple) {
  for (const uint64_t step : {1u, 3u, 64u}) {
    for (uint64_t value = 0; value < 200; ++value) {
      const uint64_t rounded = round_up(value, step);
      EXPECT_EQ(rounded % step, 0u);
      EXPECT_GE(rounded, value);
      EXPECT_LT(rounded - value, step);
    }
  }
}

}  // namespace
}  // namespace cortland
