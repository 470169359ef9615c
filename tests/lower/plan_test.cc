#include "lower/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "lower/tiny.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A model whose heads fill the cache, so that only the options make notes.
ModelSpec even_spec() {
  ModelSpec spec = tiny_spec();
  spec.max_positions = 4096;
  for (LayerSpec& layer : spec.layers) layer.attention.kv_heads = 2, layer.attention.head_dim = 32;
  return spec;
}

std::vector<std::string> notes(const ModelSpec& spec, const AneOptions& options) {
  return make_ane_plan(spec, options).notes;
}
std::string refusal(const AneOptions& options) {
  return failure([&] { make_ane_plan(tiny_spec(), options); });
}

std::vector<std::string> mask_names(const ModelSpec& spec) {
  std::vector<std::string> names;
  for (const MaskInput& mask : make_ane_plan(spec, {}).masks) {
    names.push_back(mask.name + (mask.window ? " " + std::to_string(*mask.window) : ""));
  }
  return names;
}

TEST(Plan, Defaults) {
  const ModelSpec spec = even_spec();
  const AnePlan plan = make_ane_plan(spec, {});
  EXPECT_EQ(plan.spec, &spec);
  EXPECT_EQ(plan.target.name(), "iOS18");
  EXPECT_EQ(plan.attention, AttentionForm::matmul);
  EXPECT_EQ(plan.context, 2048);
  EXPECT_EQ(plan.prefill, 64);
  EXPECT_EQ(plan.cache_shape(plan.parts.front()), (Shape{6, 2, 2048, 32}));
  EXPECT_EQ(plan.cache_bytes(), 6u * 2 * 2048 * 32 * 2);
  EXPECT_THAT(plan.head_shards, ElementsAre(150));
  EXPECT_THAT(plan.notes, IsEmpty());
}

TEST(Plan, AttentionFormsAreCalledAsTheOptionSpellsThem) {
  EXPECT_EQ(attention_name(AttentionForm::matmul), "matmul");
  EXPECT_EQ(attention_name(AttentionForm::sdpa), "sdpa");
  EXPECT_EQ(make_ane_plan(tiny_spec(), {.attention = AttentionForm::sdpa}).attention, AttentionForm::sdpa);
}

TEST(Plan, TheContextIsRoundedUpToAPowerOfTwo) {
  EXPECT_THAT(notes(even_spec(), {.context = 65}),
              ElementsAre("context 65 is rounded up to 128: the cache needs a power of two of at least 32"));
  EXPECT_THAT(notes(even_spec(), {.context = 1, .prefill = 1}),
              ElementsAre("context 1 is rounded up to 32: the cache needs a power of two of at least 32"));
  EXPECT_THAT(notes(even_spec(), {.context = 32, .prefill = 1}), IsEmpty());
  EXPECT_EQ(make_ane_plan(even_spec(), {.context = 65}).context, 128);
  EXPECT_EQ(make_ane_plan(even_spec(), {.context = 1}).context, 32);
  EXPECT_EQ(make_ane_plan(even_spec(), {.context = 1 << 20}).context, 1 << 20);
}

TEST(Plan, AContextBeyondTheModelIsAllowedAndSaid) {
  EXPECT_THAT(notes(even_spec(), {.context = 4096}), IsEmpty());
  EXPECT_THAT(notes(even_spec(), {.context = 8192}),
              ElementsAre("context 8192 is more than the 4096 positions the model was made for"));
  // What counts is the context after rounding.
  EXPECT_THAT(notes(even_spec(), {.context = 4097}),
              ElementsAre("context 4097 is rounded up to 8192: the cache needs a power of two of at least 32",
                          "context 8192 is more than the 4096 positions the model was made for"));
}

TEST(Plan, PrefillFitsTheContext) {
  EXPECT_THAT(notes(even_spec(), {.context = 64, .prefill = 64}), IsEmpty());
  EXPECT_THAT(notes(even_spec(), {.context = 64, .prefill = 65}), ElementsAre("prefill 65 is cut to the context, 64"));
  EXPECT_EQ(make_ane_plan(even_spec(), {.context = 64, .prefill = 65}).prefill, 64);
  // Rounding up the context makes room.
  EXPECT_EQ(make_ane_plan(even_spec(), {.context = 65, .prefill = 100}).prefill, 100);
}

TEST(Plan, WithoutStatesACallTakesHalfTheContextAtMost) {
  const Target old = targets().front();
  const ModelSpec spec = even_spec();
  const AnePlan plan = make_ane_plan(spec, {.target = old});
  EXPECT_EQ(plan.prefill, 8);
  EXPECT_EQ(plan.past_shape(plan.parts.front()), (Shape{3, 2, 2040, 32}));
  EXPECT_EQ(plan.cache_bytes(), make_ane_plan(spec, {}).cache_bytes());
  EXPECT_THAT(plan.notes, IsEmpty());
  EXPECT_EQ(make_ane_plan(spec, {.context = 64, .prefill = 32, .target = old}).prefill, 32);
  EXPECT_EQ(make_ane_plan(spec, {.context = 64, .prefill = 33, .target = old}).prefill, 32);
  EXPECT_THAT(notes(spec, {.context = 64, .prefill = 33, .target = old}),
              ElementsAre("prefill 33 is cut to half the context, 32: the other half is for what came before"));
}

TEST(Plan, WhatTheTargetLacksFallsBackAndIsSaid) {
  const ModelSpec spec = even_spec();
  const AnePlan plan = make_ane_plan(spec, {.attention = AttentionForm::sdpa, .target = targets().front()});
  EXPECT_EQ(plan.attention, AttentionForm::matmul);
  EXPECT_THAT(plan.fallbacks, ElementsAre("attention is lowered as matmul, not sdpa: the target has no fused op"));
  EXPECT_EQ(plan.notes, plan.fallbacks);
  EXPECT_EQ(plan.shortcomings, plan.fallbacks);
  // What no target could do for the model is a fallback too, and no shortcoming.
  ModelSpec capped = even_spec();
  capped.layers[0].attention.score_cap = 50;
  const AnePlan never = make_ane_plan(capped, {.attention = AttentionForm::sdpa});
  EXPECT_THAT(
      never.fallbacks,
      ElementsAre("attention is lowered as matmul, not sdpa: the fused op knows neither capped scores nor ALiBi"));
  EXPECT_THAT(never.shortcomings, IsEmpty());
  // What is only rounded is no fallback.
  EXPECT_THAT(make_ane_plan(spec, {.context = 65, .prefill = 100, .target = targets().front()}).fallbacks, IsEmpty());
}

TEST(Plan, PaddedHeadsAreSaidOnce) {
  EXPECT_THAT(notes(tiny_spec(), tiny_options()),
              ElementsAre("the cache holds 3 heads of width 10 as 4 of 32: its sides are powers of two and at least "
                          "32 wide"));
}

TEST(Plan, LayersMustHaveTheSameHeads) {
  ModelSpec mixed = tiny_spec();
  mixed.layers[2].attention.kv_heads = 6;
  EXPECT_EQ(failure([&] { make_ane_plan(mixed, {}); }),
            "unsupported: layer 2: has other attention heads than layer 0; want the same in every layer");
}

TEST(Plan, ContextFollowsATableOfPositions) {
  ModelSpec spec = tiny_spec();
  spec.position_rows = 102;
  spec.position_offset = 2;
  EXPECT_EQ(make_ane_plan(spec, {}).context, 64);
  EXPECT_EQ(failure([&] { make_ane_plan(spec, {.context = 65}); }),
            "invalid: --context: got 128, want at most 64: the model has a table of 100 positions; hint: --context 64");
}

TEST(Plan, Refusals) {
  EXPECT_EQ(refusal({.context = 0}), "invalid: --context: got 0, want 1 to 1048576");
  EXPECT_EQ(refusal({.context = -64}), "invalid: --context: got -64, want 1 to 1048576");
  EXPECT_EQ(refusal({.context = (1 << 20) + 1}), "invalid: --context: got 1048577, want 1 to 1048576");
  EXPECT_EQ(refusal({.prefill = 0}), "invalid: --prefill: got 0, want at least 1");
  EXPECT_EQ(refusal({.prefill = -1}), "invalid: --prefill: got -1, want at least 1");
  EXPECT_EQ(refusal({.head_splits = 0}), "invalid: --head-splits: got 0, want 1 to 150");
  EXPECT_EQ(refusal({.head_splits = 151}), "invalid: --head-splits: got 151, want 1 to 150");
  EXPECT_EQ(refusal({.head_splits = 1}), "no error");
}

TEST(Plan, HeadShardsCoverTheVocabularyWithinTheLimit) {
  for (const int64_t vocabulary : {1, 63, 150, 16384, 16385, 32000, 32768, 32769, 65537, 102400, 151936, 262144}) {
    ModelSpec spec = even_spec();
    spec.vocabulary = vocabulary;
    const std::vector<int64_t> shards = make_ane_plan(spec, {}).head_shards;
    int64_t sum = 0;
    for (size_t i = 0; i < shards.size(); ++i) {
      sum += shards[i];
      EXPECT_GT(shards[i], 0) << vocabulary;
      EXPECT_LE(shards[i], 16384) << vocabulary;
      if (i + 1 == shards.size()) continue;
      EXPECT_EQ(shards[i] % 64, 0) << vocabulary;
      EXPECT_EQ(shards[i], shards.front()) << vocabulary;
    }
    EXPECT_EQ(sum, vocabulary);
    EXPECT_EQ(static_cast<int64_t>(shards.size()), (vocabulary + 16383) / 16384) << vocabulary;
    EXPECT_LE(shards.back(), shards.front()) << vocabulary;
  }
}

TEST(Plan, HeadSplitsOverrideTheLimit) {
  ModelSpec spec = even_spec();
  spec.vocabulary = 102400;
  EXPECT_THAT(make_ane_plan(spec, {}).head_shards, ElementsAre(14656, 14656, 14656, 14656, 14656, 14656, 14464));
  EXPECT_THAT(make_ane_plan(spec, {.head_splits = 1}).head_shards, ElementsAre(102400));
  EXPECT_THAT(make_ane_plan(spec, {.head_splits = 3}).head_shards, ElementsAre(34176, 34176, 34048));
  EXPECT_THAT(make_ane_plan(tiny_spec(), {.head_splits = 2}).head_shards, ElementsAre(128, 22));
}

TEST(Plan, OneMaskPerWindow) {
  ModelSpec spec = tiny_spec();
  EXPECT_THAT(mask_names(spec), ElementsAre("mask", "mask_sliding 16"));
  const AnePlan plan = make_ane_plan(spec, {});
  EXPECT_EQ(plan.mask_of(spec.layers[0]), 1u);
  EXPECT_EQ(plan.mask_of(spec.layers[2]), 0u);
  spec.layers[1].attention.window = 8;
  EXPECT_THAT(mask_names(spec), ElementsAre("mask", "mask_sliding_8 8", "mask_sliding_16 16"));
  EXPECT_EQ(make_ane_plan(spec, {}).mask_of(spec.layers[0]), 2u);
  spec.layers.resize(1);
  EXPECT_THAT(mask_names(spec), ElementsAre("mask_sliding 16"));
  spec.layers = {tiny_layer({}, 0)};
  EXPECT_THAT(mask_names(spec), ElementsAre("mask"));
}

TEST(Plan, OnePairOfInputsPerRotaryTable) {
  ModelSpec spec = tiny_spec();
  spec.rope_tables.resize(2, spec.rope_tables.front());
  const AnePlan plan = make_ane_plan(spec, {});
  ASSERT_EQ(plan.ropes.size(), 2u);
  EXPECT_EQ(plan.ropes[0].cos + " " + plan.ropes[0].sin, "cos sin");
  EXPECT_EQ(plan.ropes[1].cos + " " + plan.ropes[1].sin, "cos_1 sin_1");
  spec.rope_tables.clear();
  EXPECT_THAT(make_ane_plan(spec, {}).ropes, IsEmpty());
}

TEST(Plan, SaysWhenTheHeadHasFewerPartsThanAsked) {
  ModelSpec spec = tiny_spec();
  spec.vocabulary = 150;
  const AnePlan plan = make_ane_plan(spec, {.head_splits = 4});
  EXPECT_THAT(plan.head_shards, ElementsAre(64, 64, 22));
  EXPECT_THAT(plan.notes,
              testing::Contains("the output head is cut into 3 parts, not 4: a part has a multiple of 64 rows"));
}

// The sides of the ring: a power of two for states, rows of 64 bytes for a cache that the host keeps, and no more than
// it takes on a GPU.
TEST(Plan, ARingHoldsTheWindowAndACall) {
  const ModelSpec spec = even_spec();  // windows of 16
  const AnePlan state = make_ane_plan(spec, {.context = 256, .sliding_cache = SlidingCache::ring, .prefill = 17});
  EXPECT_EQ(state.ring, 64);
  // One row for the keys and one for the values of the full layer, and one for the four of the others.
  EXPECT_EQ(state.cache_shape(state.parts.front()), (Shape{3, 2, 256, 32}));
  EXPECT_EQ(state.cache_shape({.end_layer = 2}), (Shape{4, 2, 64, 32}));
  EXPECT_EQ(state.cache_shape({.first_layer = 2, .end_layer = 3}), (Shape{2, 2, 256, 32}));
  const auto place = [&](size_t layer, CachedKind kind) {
    const StatePlace at = state.state_place(state.parts.front(), layer, kind);
    return std::vector<int64_t>{at.row, at.first_slot, at.slots};
  };
  EXPECT_THAT(place(2, CachedKind::values), ElementsAre(1, 0, 256));
  EXPECT_THAT(place(1, CachedKind::keys), ElementsAre(2, 64, 64));
  EXPECT_THAT(place(0, CachedKind::values), ElementsAre(2, 128, 64));
  EXPECT_EQ(state.cache_bytes(), 2u * (256 + 2 * 64) * 2 * 32 * 2);
  EXPECT_THAT(state.notes, IsEmpty());
  const AnePlan kept =
      make_ane_plan(spec, {.context = 256, .sliding_cache = SlidingCache::ring, .target = targets().front()});
  EXPECT_EQ(kept.ring, 24);
  EXPECT_EQ(kept.past_shape(kept.parts.front()), (Shape{1, 2, 248, 32}));
  EXPECT_EQ(kept.ring_past_shape(kept.parts.front()), (Shape{2, 2, 24, 32}));
  EXPECT_EQ(kept.mask_columns(1), 32);
  const GpuPlan gpu = make_gpu_plan(spec, {.context = 600, .sliding_cache = SlidingCache::ring});
  EXPECT_EQ(gpu.ring, 528);
  EXPECT_EQ(gpu.cache_shape(), (Shape{1, 1, 2, 600, 32}));
  EXPECT_EQ(gpu.ring_shape(), (Shape{2, 1, 2, 528, 32}));
}

TEST(Plan, ARingThatSavesNothingIsNone) {
  const AneOptions options{.context = 64, .sliding_cache = SlidingCache::ring, .prefill = 32};
  const AnePlan plan = make_ane_plan(even_spec(), options);
  EXPECT_EQ(plan.ring, 0);
  EXPECT_THAT(
      plan.notes,
      ElementsAre(
          "the cache of layers with a window is full, not a ring: the window of 16 and a call take 64 slots, no "
          "fewer than a context of 64"));
  EXPECT_THAT(plan.fallbacks, IsEmpty());
  ModelSpec none = even_spec(), alibi = even_spec();
  for (LayerSpec& layer : none.layers) layer.attention.window.reset();
  EXPECT_THAT(notes(none, options), ElementsAre("no layer has a window: there is nothing for a ring to hold"));
  for (LayerSpec& layer : alibi.layers) layer.attention.alibi_slopes = {1, 0.5, 0.25, 0.125, 0.0625, 0.03125};
  EXPECT_EQ(make_ane_plan(alibi, {.context = 256, .sliding_cache = SlidingCache::ring}).ring, 0);
  EXPECT_EQ(make_ane_plan(alibi, {.context = 256, .sliding_cache = SlidingCache::ring}).fallbacks.size(), 1u);
}

// The shape of EXAONE 4.0 32B: three of four layers see 4096 positions.
TEST(Plan, WhatARingSavesIsSaid) {
  ModelSpec spec = even_spec();
  spec.max_positions = 131072;
  spec.layers.assign(64, spec.layers[2]);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    AttentionSpec& attention = spec.layers[i].attention;
    attention = {.heads = 40, .kv_heads = 8, .head_dim = 128, .score_scale = 0.1};
    if (i % 4 != 3) attention.window = 4096;
  }
  const auto gib = [](uint64_t bytes) { return static_cast<double>(bytes) / (1 << 30); };
  const GpuPlan full = make_gpu_plan(spec, {.context = 32768});
  EXPECT_EQ(gib(full.cache_bytes()), 8);
  EXPECT_THAT(full.notes, ElementsAre("the cache takes 8589 MB; --sliding-cache ring makes that 3053 MB"));
  const GpuPlan ring = make_gpu_plan(spec, {.context = 32768, .sliding_cache = SlidingCache::ring});
  EXPECT_EQ(ring.ring, 4608);
  EXPECT_EQ(ring.cache_bytes() / 1'000'000, 3053u);
  EXPECT_THAT(ring.notes, IsEmpty());
  EXPECT_EQ(make_ane_plan(spec, {.context = 32768, .sliding_cache = SlidingCache::ring}).ring, 8192);
}

TEST(Plan, SeveralContextsShareTablesAndHaveNames) {
  const AnePlan plan = make_ane_plan(even_spec(), {.context = 2000, .smaller_contexts = {100, 500, 512}});
  EXPECT_EQ(plan.context, 2048);
  EXPECT_EQ(plan.suffix, "_2048");
  ASSERT_EQ(plan.smaller.size(), 2u);
  EXPECT_EQ(plan.smaller[0].context, 512);
  EXPECT_EQ(plan.smaller[1].context, 128);
  EXPECT_EQ(plan.smaller[1].suffix, "_128");
  EXPECT_EQ(plan.smaller[1].table_rows, 2048);
  EXPECT_THAT(plan.notes, testing::Contains("the context 512 is asked for more than once"));
  EXPECT_EQ(make_ane_plan(even_spec(), {.context = 64}).suffix, "");
}

}  // namespace
}  // namespace cortland
