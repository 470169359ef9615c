#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <vector>

#include "base/failure.h"

namespace cortland {
namespace {

TEST(ParallelFor, CoversEachIndexOnceInRangesOfAtLeastAGrain) {
  for (const int threads : {1, 4}) {
    const ThreadLimit limit(threads);
    for (const size_t n : {0u, 1u, 7u, 8u, 9u, 15u, 16u, 17u, 1000u}) {
      for (const size_t grain : {1u, 8u, 2000u}) {
        std::vector<std::atomic<int>> visits(n);
        std::atomic<int> short_ranges = 0;
        parallel_for(n, grain, [&](size_t begin, size_t end) {
          if (begin >= end || end > n) {
            ADD_FAILURE() << begin << " to " << end << " of " << n;
            return;
          }
          if (end - begin < grain && end != n) ++short_ranges;
          for (size_t i = begin; i < end; ++i) ++visits[i];
        });
        for (size_t i = 0; i < n; ++i) EXPECT_EQ(visits[i], 1) << i << " of " << n;
        EXPECT_EQ(short_ranges, 0) << n << " by " << grain;
      }
    }
  }
}

TEST(ParallelFor, RethrowsAnException) {
  EXPECT_EQ(failure([] {
              parallel_for(100, 1, [](size_t begin, size_t end) {
                if (begin <= 42 && 42 < end) fail(ErrorCode::corrupt, "item 42");
              });
            }),
            "corrupt: item 42");
}

TEST(OrderedPipeline, UsesEveryItemInOrderAndSharesNoSlot) {
  for (const int threads : {1, 4}) {
    const ThreadLimit limit(threads);
    for (const size_t in_flight : {1u, 3u}) {
      constexpr size_t kItems = 200;
      std::vector<size_t> used;
      std::vector<size_t> slots(in_flight, kItems);  // what each slot holds; kItems: free
      std::mutex mutex;
      std::set<size_t> inside;
      ordered_pipeline(
          kItems, in_flight,
          [&](size_t i, size_t slot) {
            const std::lock_guard lock(mutex);
            ASSERT_LT(slot, in_flight);
            EXPECT_EQ(slots[slot], kItems) << "item " << i;
            slots[slot] = i;
            inside.insert(i);
            EXPECT_LE(inside.size(), in_flight);
          },
          [&](size_t i, size_t slot) {
            const std::lock_guard lock(mutex);
            EXPECT_EQ(slots[slot], i);
            slots[slot] = kItems;
            inside.erase(i);
            used.push_back(i);
          });
      ASSERT_EQ(used.size(), kItems);
      for (size_t i = 0; i < kItems; ++i) EXPECT_EQ(used[i], i);
    }
  }
}

TEST(OrderedPipeline, NothingToDoCallsNothing) {
  int calls = 0;
  ordered_pipeline(0, 2, [&](size_t, size_t) { ++calls; }, [&](size_t, size_t) { ++calls; });
  EXPECT_EQ(calls, 0);
}

TEST(OrderedPipeline, AnExceptionInEitherHalfStopsItAndIsRethrown) {
  std::vector<size_t> used;
  EXPECT_EQ(failure([&] {
              ordered_pipeline(
                  100, 2, [](size_t i, size_t) { require(i != 5, ErrorCode::corrupt, "made {}", i); },
                  [&](size_t i, size_t) { used.push_back(i); });
            }),
            "corrupt: made 5");
  EXPECT_LE(used.size(), 5u);

  size_t last = 0;
  EXPECT_EQ(failure([&] {
              ordered_pipeline(
                  100, 2, [](size_t, size_t) {},
                  [&](size_t i, size_t) {
                    last = i;
                    require(i != 7, ErrorCode::io, "used {}", i);
                  });
            }),
            "io: used 7");
  EXPECT_EQ(last, 7u);
}

}  // namespace
}  // namespace cortland
