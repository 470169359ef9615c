#include "hub/backoff.h"

#include <gtest/gtest.h>

namespace cortland {
namespace {

TEST(Backoff, DoublesAndEnds) {
  Backoff backoff;
  auto longest = Backoff::kFirst;
  for (int i = 1; i < Backoff::kTries; ++i, longest *= 2) {
    const auto delay = backoff.next(0, std::nullopt);
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, longest / 2);
    EXPECT_LE(*delay, longest);
  }
  EXPECT_FALSE(backoff.next(0, std::nullopt));
  EXPECT_EQ(backoff.failures(), Backoff::kTries);
}

TEST(Backoff, WaitsAsLongAsTheServerSays) {
  Backoff backoff;
  EXPECT_EQ(backoff.next(0, 0)->count(), 0);
  EXPECT_EQ(backoff.next(0, 7)->count(), 7000);
  EXPECT_EQ(backoff.next(0, -5)->count(), 0);
  EXPECT_FALSE(backoff.next(0, 100'000));
}

TEST(Backoff, ProgressMakesUpForFailures) {
  Backoff backoff;
  uint64_t received = 0;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(backoff.next(received += Backoff::kProgress, 0));
  // The same part again and again is none, even when each time it is more than the last.
  int tries = 0;
  while (backoff.next(tries % 2 == 0 ? 0 : received, 0) && tries < 100) ++tries;
  EXPECT_LT(tries, Backoff::kTries);
}

}  // namespace
}  // namespace cortland
