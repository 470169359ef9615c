#include "pipeline/size_limits.h"

#include <gtest/gtest.h>

namespace cortland {
namespace {

using Lines = std::vector<std::string>;

// Warnings for a model of so many layers, tokens and bytes of weights. One layer has a cache of 256 bytes per token.
Lines warnings(size_t layers, int64_t context, uint64_t weight_bytes, std::vector<int64_t> head_shards = {}) {
  ModelSpec spec;
  spec.layers.resize(layers);
  AnePlan plan;
  plan.spec = &spec;
  plan.context = context;
  plan.kv_heads = 2;
  plan.head_dim = 32;
  plan.head_shards = std::move(head_shards);
  return size_warnings(plan, {.weight_bytes = weight_bytes});
}

TEST(SizeLimits, SmallModelsAreSilent) {
  EXPECT_EQ(warnings(28, 32768, 950'000'000, {16384, 16384, 1}), Lines{});
}

TEST(SizeLimits, EachLimitHasItsLine) {
  EXPECT_EQ(warnings(1, 64, 950'000'001),
            Lines{"weights of 950 MB are more than the 950 MB that an iPhone's Neural Engine is known to load; a Mac's takes up "
                  "to 1.90 GB"});
  EXPECT_EQ(warnings(1, 64, 2'558'000'000),
            Lines{"weights of 2.56 GB are more than the 1.90 GB that a Mac's Neural Engine is known to load: expect the CPU or GPU "
                  "to run them"});
  EXPECT_EQ(warnings(29, 64, 1),
            Lines{"29 layers in one package: compilers for the Neural Engine are known to give up beyond 28"});
  EXPECT_EQ(warnings(28, 65536, 1),
            Lines{"a cache of 470 MB is slow and may not fit: choose a smaller --context"});
  EXPECT_EQ(warnings(1, 64, 1, {16448, 9152}),
            Lines{"parts of the output head have up to 16448 rows: beyond the 16384 that older Neural Engines take; choose more "
                  "--head-splits"});
}

}  // namespace
}  // namespace cortland
