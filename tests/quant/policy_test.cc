#include "quant/policy.h"

#include <gtest/gtest.h>

namespace cortland {
namespace {

WeightPolicy policy_of(const Scheme& body) {
  return {.body = body, .embedding = int8_scheme(), .head = palette_scheme(8), .keep = {}, .formats = {}};
}

TEST(Policy, PlacesHaveTheirSchemes) {
  const WeightPolicy policy = policy_of(int4_scheme());
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).scheme, int4_scheme());
  EXPECT_EQ(choose_scheme(policy, WeightPlace::embedding, "a", 64, 64).scheme, int8_scheme());
  EXPECT_EQ(choose_scheme(policy, WeightPlace::head, "a", 64, 64).scheme, palette_scheme(8));
}

TEST(Policy, WhatDoesNotFitFallsBackAndSaysWhy) {
  const WeightPolicy policy = policy_of(int4_scheme());
  SchemeChoice choice = choose_scheme(policy, WeightPlace::body, "a", 100, 50);
  EXPECT_EQ(choice.scheme, int8_scheme());
  EXPECT_EQ(choice.wanted, int4_scheme());
  EXPECT_EQ(choice.obstacle, Obstacle::matrix);
  EXPECT_EQ(choice.reason, "blocks of 32 do not divide 50 columns");
  choice = choose_scheme(policy, WeightPlace::body, "a", 10, 32);
  EXPECT_EQ(choice.scheme, half_scheme());
  EXPECT_EQ(choice.reason, "it is small");
  choice = choose_scheme(policy_of(palette_scheme(4, 32)), WeightPlace::body, "a", 120, 64);
  EXPECT_EQ(choice.scheme, palette_scheme(4, 30));
  EXPECT_EQ(choice.reason, "groups of 32 do not divide 120 rows");
  EXPECT_EQ(choose_scheme(policy_of(palette_scheme(4, 32)), WeightPlace::body, "a", 127, 64).scheme, palette_scheme(4));
}

TEST(Policy, OlderTargetsHaveFewerForms) {
  WeightPolicy policy = policy_of(int4_scheme());
  policy.formats = {.blocks = false, .grouped_palettes = false};
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).scheme, palette_scheme(6));
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).reason, "the target has no blocks");
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).obstacle, Obstacle::target);
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).wanted, int4_scheme());
  policy.body = palette_scheme(4, 32);
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).scheme, palette_scheme(4));
  policy.body = palette_scheme(3, 32);
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).scheme, palette_scheme(4));
  policy.body = int8_scheme();
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).reason, "");
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "a", 64, 64).obstacle, Obstacle::none);
}

TEST(Policy, TheFirstRuleThatMatchesWins) {
  WeightPolicy policy = policy_of(int4_scheme());
  policy.keep = {{"*.layers.?.*", half_scheme()}, {"*.layers.1*", int8_scheme()}, {"exact", palette_scheme(6)}};
  const auto scheme = [&](std::string_view tensor) {
    return choose_scheme(policy, WeightPlace::body, tensor, 64, 64).scheme;
  };
  EXPECT_EQ(scheme("model.layers.1.up"), half_scheme());
  EXPECT_EQ(scheme("model.layers.12.up"), int8_scheme());
  EXPECT_EQ(scheme("exact"), palette_scheme(6));
  EXPECT_EQ(scheme("exactly"), int4_scheme());
  EXPECT_EQ(scheme("model.layers.2"), int4_scheme());
}

TEST(Policy, ABudgetChoosesBehindTheRulesOfTheUser) {
  WeightPolicy policy = policy_of(int4_scheme());
  policy.keep = {{"a*", half_scheme()}};
  policy.chosen = {{"ab", int8_scheme()}, {"b", palette_scheme(6)}};
  EXPECT_EQ(choose_scheme(policy, WeightPlace::body, "ab", 64, 64).scheme, half_scheme());
  EXPECT_EQ(choose_scheme(policy, WeightPlace::embedding, "b", 64, 64).scheme, palette_scheme(6));
  EXPECT_TRUE(has_rule(policy, "ab"));
  EXPECT_FALSE(has_rule(policy, "b"));
}

TEST(Policy, LargerSchemesTakeMore) {
  using Schemes = std::vector<Scheme>;
  EXPECT_EQ(larger_schemes(int4_scheme(64), {}),
            (Schemes{int4_scheme(32), int4_scheme(16), int8_scheme(), half_scheme()}));
  EXPECT_EQ(larger_schemes(uint4_scheme(16), {}), (Schemes{int8_scheme(), half_scheme()}));
  EXPECT_EQ(larger_schemes(palette_scheme(4, 32), {}),
            (Schemes{palette_scheme(6, 32), palette_scheme(8), half_scheme()}));
  EXPECT_EQ(larger_schemes(palette_scheme(2), {.blocks = false, .grouped_palettes = false}),
            (Schemes{palette_scheme(4), palette_scheme(6), palette_scheme(8), half_scheme()}));
  EXPECT_EQ(larger_schemes(int8_scheme(), {}), Schemes{half_scheme()});
  for (const Scheme& scheme : {int4_scheme(128), uint4_scheme(128), palette_scheme(1, 32)}) {
    double bits = bits_per_weight(scheme, 256, 256);
    for (const Scheme& larger : larger_schemes(scheme, {})) {
      EXPECT_GT(bits_per_weight(larger, 256, 256), bits) << to_string(larger);
      bits = bits_per_weight(larger, 256, 256);
    }
  }
}

TEST(Policy, BitsPerWeight) {
  EXPECT_DOUBLE_EQ(bits_per_weight(int4_scheme(), 64, 2048), 4.5);
  EXPECT_DOUBLE_EQ(bits_per_weight(uint4_scheme(), 64, 2048), 4.625);
  EXPECT_NEAR(bits_per_weight(int8_scheme(), 64, 2048), 8.0078, 1e-4);
  EXPECT_NEAR(bits_per_weight(palette_scheme(4, 32), 64, 2048), 4.0039, 1e-4);
  EXPECT_NEAR(bits_per_weight(palette_scheme(8), 2048, 2048), 8.00098, 1e-5);
}

TEST(Policy, KeepsWhatIsStored) {
  WeightPolicy policy{.body = stored_scheme(),
                      .embedding = stored_scheme(),
                      .head = stored_scheme(),
                      .keep = {{"*.down", int8_scheme()}},
                      .formats = {}};
  EXPECT_TRUE(policy.keeps());
  EXPECT_FALSE(policy.is_half());
  const auto choose = [&](const StoredForm& form, std::string_view tensor = "a", int64_t rows = 64) {
    return choose_scheme(policy, WeightPlace::body, tensor, rows, 64, form);
  };
  EXPECT_EQ(choose({}).scheme, half_scheme());
  EXPECT_EQ(choose({}).reason, "");
  const StoredForm blocks{.is_quantized = true, .scheme = uint4_scheme(32)};
  EXPECT_EQ(choose(blocks).scheme, uint4_scheme(32));
  EXPECT_TRUE(choose(blocks).is_kept);
  EXPECT_TRUE(choose(blocks, "a", 1).is_kept);
  EXPECT_EQ(choose(blocks, "x.down").scheme, int8_scheme());
  EXPECT_FALSE(choose(blocks, "x.down").is_kept);
  const StoredForm none{.is_quantized = true, .reason = "because"};
  EXPECT_EQ(choose(none).scheme, int8_scheme());
  EXPECT_EQ(choose(none).reason, "because");
  EXPECT_EQ(choose(none, "a", 1).scheme, half_scheme());
  policy.formats.blocks = false;
  EXPECT_EQ(choose(blocks).scheme, int8_scheme());
  EXPECT_EQ(choose(blocks).reason, "the target has no blocks");
  EXPECT_TRUE(choose({.is_quantized = true, .scheme = int8_scheme()}).is_kept);
}

}  // namespace
}  // namespace cortland
