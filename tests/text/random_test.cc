#include "text/sampler/random.h"

#include <gtest/gtest.h>

#include <set>

namespace cortland::text {
namespace {

// The outputs that the reference code is known for, from this state.
TEST(Random, FollowsXoshiro256StarStar) {
  Random random(Random::State{1, 2, 3, 4});
  EXPECT_EQ(random.next(), 11520u);
  EXPECT_EQ(random.next(), 0u);
  EXPECT_EQ(random.next(), 1509978240u);
  EXPECT_EQ(random.next(), 1215971899390074240u);
}

// The first numbers of SplitMix64 for the seed 0 are known: the state of seed 0.
TEST(Random, ASeedFillsTheStateWithSplitMix64) {
  Random from_seed(0);
  Random from_state(Random::State{0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(from_seed.next(), from_state.next());
  EXPECT_NE(Random(0).next(), Random(1).next());
}

TEST(Random, BelowReachesEveryValueAndNoOther) {
  Random random(5);
  for (const uint64_t bound : {1u, 2u, 3u, 5u, 8u, 9u}) {
    std::set<uint64_t> seen;
    for (int i = 0; i < 400; ++i) seen.insert(random.below(bound));
    EXPECT_EQ(seen.size(), bound);
    EXPECT_EQ(*seen.rbegin(), bound - 1);
  }
  EXPECT_LT(random.below(uint64_t{1} << 63), uint64_t{1} << 63);
  random.below(~uint64_t{0});
}

}  // namespace
}  // namespace cortland::text
