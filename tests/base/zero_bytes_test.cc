#include "base/zero_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "base/process.h"

namespace cortland {
namespace {

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

TEST(ZeroBytes, AreZerosOfEverySize) {
  EXPECT_TRUE(ZeroBytes().span().empty());
  for (const size_t size : {size_t{0}, size_t{1}, (size_t{1} << 20) - 1, size_t{1} << 20, size_t{5} << 20}) {
    for (int round = 0; round < 2; ++round) {
      const ZeroBytes bytes(size);
      ASSERT_EQ(bytes.span().size(), size);
      EXPECT_TRUE(all_zero(bytes.span()));
      std::fill(bytes.span().begin(), bytes.span().end(), std::byte{7});
    }
  }
}

TEST(ZeroBytes, CanBeMoved) {
  ZeroBytes first(100);
  first.span()[3] = std::byte{1};
  const ZeroBytes second = std::move(first);
  EXPECT_EQ(second.span()[3], std::byte{1});
  EXPECT_TRUE(first.span().empty());
}

// Whatever was freed before.
TEST(ZeroBytes, TakeMemoryWhereTheyAreWritten) {
  constexpr size_t kSize = size_t{256} << 20, kMost = size_t{16} << 20;
  { const std::vector<std::byte> freed(size_t{24} << 20, std::byte{1}); }
  const uint64_t before = peak_memory_bytes();
  for (int round = 0; round < 3; ++round) {
    const ZeroBytes bytes(kSize);
    bytes.span()[kSize / 2] = std::byte{1};
    EXPECT_EQ(bytes.span().back(), std::byte{0});
  }
  EXPECT_LT(peak_memory_bytes() - before, kMost);
}

TEST(ZeroBytes, NoMemory) { EXPECT_THROW(ZeroBytes(SIZE_MAX / 2), std::bad_alloc); }

}  // namespace
}  // namespace cortland
