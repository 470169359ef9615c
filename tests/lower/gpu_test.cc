// The `gpu` form, operation by operation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lower/rope_payload.h"
#include "lower/tiny.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;

std::vector<std::string> gpu_mask_names(const ModelSpec& spec) {
  std::vector<std::string> names;
  for (const MaskInput& mask : make_gpu_plan(spec, {}).masks) {
    names.push_back(mask.name + (mask.window ? " " + std::to_string(*mask.window) : ""));
  }
  return names;
}

TEST(GpuPlan, Defaults) {
  ModelSpec spec = tiny_spec();
  spec.max_positions = 4096;
  const GpuPlan plan = make_gpu_plan(spec, {});
  EXPECT_EQ(plan.context, 2048);
  EXPECT_EQ(plan.tokens, 512);
  EXPECT_EQ(plan.attention, AttentionForm::sdpa);
  EXPECT_EQ(plan.cache_shape(), (Shape{3, 1, 3, 2048, 10}));
  EXPECT_EQ(plan.cache_bytes(), 2u * 3 * 3 * 2048 * 10 * 2);
  EXPECT_THAT(plan.head_shards, ElementsAre(150));
  EXPECT_THAT(plan.notes, IsEmpty());
  EXPECT_EQ(make_gpu_plan(spec, {.context = 77}).context, 77);
  EXPECT_EQ(make_gpu_plan(spec, {.context = 77}).tokens, 77);
}

TEST(GpuPlan, OnlyAForcedFormThatWasNotAskedForIsSilent) {
  ModelSpec spec = tiny_spec();
  spec.layers[1].attention.score_cap = 5;
  const GpuPlan silent = make_gpu_plan(spec, {.context = 64});
  const GpuPlan told = make_gpu_plan(spec, {.context = 64, .attention = AttentionForm::sdpa});
  EXPECT_EQ(silent.attention, AttentionForm::matmul);
  EXPECT_THAT(silent.notes, IsEmpty());
  EXPECT_THAT(silent.fallbacks, IsEmpty());
  EXPECT_EQ(told.attention, AttentionForm::matmul);
  EXPECT_THAT(told.notes,
              ElementsAre("attention is lowered as matmul, not sdpa: the fused op knows neither capped scores "
                          "nor ALiBi"));
  EXPECT_EQ(told.fallbacks, told.notes);
  EXPECT_THAT(told.shortcomings, IsEmpty());
}

TEST(GpuPlan, TheWidestMaskIsTheCausalOne) {
  ModelSpec spec = tiny_spec();
  EXPECT_THAT(gpu_mask_names(spec), ElementsAre("causalMask", "slidingCausalMask 16"));
  spec.layers[0].attention.window = 8;
  EXPECT_THAT(gpu_mask_names(spec), ElementsAre("causalMask", "slidingCausalMask_16 16", "slidingCausalMask_8 8"));
  spec.layers[2].attention.window = 8;
  EXPECT_THAT(gpu_mask_names(spec), ElementsAre("causalMask 16", "slidingCausalMask 8"));
  spec.layers = {tiny_layer(16, 0)};
  EXPECT_THAT(gpu_mask_names(spec), ElementsAre("causalMask 16"));
}

TEST(GpuForm, ThePositionComesFromTheShapes) {
  const TinyGpu tiny;
  const mil::Function& f = tiny.main();
  EXPECT_EQ(line(f, "query_shape"), "%query_shape: int32[2] = shape(x=%inputIds)");
  EXPECT_EQ(line(f, "query_length"), "%query_length: int32[1] = slice_by_index(x=%query_shape, begin=[1], end=[2])");
  EXPECT_EQ(line(f, "cache_length"), "%cache_length: int32[1] = slice_by_index(x=%cache_shape, begin=[3], end=[4])");
  EXPECT_EQ(line(f, "position"), "%position: int32[1] = sub(x=%cache_length, y=%query_length)");
  EXPECT_EQ(line(f, "cos"),
            "%cos: fp16[1, 1, ?, 10] = slice_by_index(x=%cos_table, begin=%rows_begin, end=%rows_end, "
            "begin_mask=[true, true, false, true], end_mask=[true, true, false, true])");
}

TEST(GpuForm, StatesAreWrittenAndReadUpToTheLastToken) {
  const TinyGpu tiny;
  const mil::Function& f = tiny.main();
  EXPECT_EQ(
      line(f, "layers_1_slots_end"),
      "%layers_1_slots_end: int32[5] = concat(values=(%layers_1_slots_last, %cache_length, %layers_1_slots_width), "
      "axis=0, interleave=false)");
  EXPECT_EQ(line(f, "layers_1_key_cache_update"),
            "%layers_1_key_cache_update: fp16[3, 1, 3, 50, 10] = slice_update(x=%layers_1_key_cache_before, "
            "update=%layers_1_k_rope, begin=%layers_1_slots_begin, end=%layers_1_slots_end, stride=[1, 1, 1, 1, 1], "
            "begin_mask=[false, false, false, false, false], end_mask=[false, false, false, false, false], "
            "squeeze_mask=[true, false, false, false, false])");
  EXPECT_EQ(line(f, "layers_1_keys"),
            "%layers_1_keys: fp16[1, 3, ?, 10] = slice_by_index(x=%layers_1_keys_cache, begin=[1, 0, 0, 0, 0], "
            "end=%layers_1_slots_end, begin_mask=[false, true, true, true, true], "
            "end_mask=[false, true, true, false, true], squeeze_mask=[true, false, false, false, false])");
  EXPECT_EQ(count_of(f, "write_state"), 6u);
}

TEST(GpuForm, QueriesOfAGroupLieBelowEachOther) {
  const TinyGpu tiny;
  const mil::Function& f = tiny.main();
  EXPECT_EQ(line(f, "layers_0_q"),
            "%layers_0_q: fp16[1, ?, 60] = linear(x=%embedding_x, weight=%layers_0_q_weight, bias=%zeros_60)");
  EXPECT_EQ(line(f, "layers_0_q_rows"),
            "%layers_0_q_rows: fp16[1, 6, ?, 10] = transpose(x=%layers_0_q_heads, perm=[0, 2, 1, 3])");
  EXPECT_EQ(line(f, "layers_0_q_groups"),
            "%layers_0_q_groups: fp16[1, 3, ?, 10] = reshape(x=%layers_0_q_rope, shape=[1, 3, -1, 10])");
  EXPECT_EQ(line(f, "layers_0_attended"),
            "%layers_0_attended: fp16[1, 3, ?, 10] = scaled_dot_product_attention(query=%layers_0_q_groups, "
            "key=%layers_0_keys, value=%layers_0_values, attn_mask=%slidingCausalMask_groups)");
  EXPECT_EQ(line(f, "layers_0_attended_channels"),
            "%layers_0_attended_channels: fp16[1, ?, 60] = reshape(x=%layers_0_attended_tokens, shape=[1, -1, 60])");
  EXPECT_EQ(line(f, "causalMask_groups"),
            "%causalMask_groups: fp16[1, 1, ?, ?] = tile(x=%causalMask, reps=[1, 1, 2, 1])");
  std::set<std::string> types;
  for (const mil::Operation& op : f.operations) types.insert(op.type);
  EXPECT_THAT(
      types,
      IsSubsetOf({"add",       "cast",       "concat",         "const",        "gather", "linear",
                  "mul",       "read_state", "reduce_mean",    "reshape",      "rsqrt",  "scaled_dot_product_attention",
                  "shape",     "silu",       "slice_by_index", "slice_update", "sub",    "tile",
                  "transpose", "write_state"}));
}

TEST(GpuForm, NothingIsRepeatedWhereEveryHeadHasKeysOfItsOwn) {
  ModelSpec spec = tiny_spec();
  for (LayerSpec& layer : spec.layers) layer.attention.heads = 3;
  EXPECT_EQ(count_of(TinyGpu(spec).main(), "tile"), 0u);
}

TEST(GpuForm, ATiedHeadIsTheEmbedding) {
  const TinyGpu tiny;
  const mil::PayloadPtr head = blob(tiny.main(), "head_0_weight"), table = blob(tiny.main(), "embedding_weight");
  ASSERT_NE(table, nullptr);
  // The same constant: the second one was never made.
  EXPECT_EQ(head, nullptr);
  EXPECT_EQ(line(tiny.main(), "head_0"),
            "%logits: fp16[1, ?, 150] = linear(x=%final_norm, weight=%embedding_weight, bias=%zeros_150)");
}

TEST(GpuForm, NormsAreComputedInFp32) {
  const TinyGpu tiny;
  const mil::Function& f = tiny.main();
  EXPECT_EQ(line(f, "final_norm_normed_wide"),
            "%final_norm_normed_wide: fp32[1, ?, 24] = cast(x=%layers_2_out, dtype=\"fp32\")");
  EXPECT_EQ(line(f, "final_norm_normed_squares"),
            "%final_norm_normed_squares: fp32[1, ?, 24] = mul(x=%final_norm_normed_wide, y=%final_norm_normed_wide)");
  EXPECT_EQ(
      line(f, "final_norm_normed_mean"),
      "%final_norm_normed_mean: fp32[1, ?, 1] = reduce_mean(x=%final_norm_normed_squares, axes=[-1], keep_dims=true)");
  EXPECT_EQ(line(f, "final_norm_normed_factor"),
            "%final_norm_normed_factor: fp32[1, ?, 1] = rsqrt(x=%final_norm_normed_mean, epsilon=1e-05)");
  EXPECT_EQ(line(f, "final_norm_unit"),
            "%final_norm_unit: fp16[1, ?, 24] = cast(x=%final_norm_normed, dtype=\"fp16\")");
  EXPECT_EQ(line(f, "final_norm"), "%final_norm: fp16[1, ?, 24] = mul(x=%final_norm_unit, y=%final_norm_gain)");
  EXPECT_EQ(blob(f, "layers_0_q_norm_gain")->shape(), Shape{10});
}

TEST(RopePayload, IsCosineAndSineOfEveryPosition) {
  const RopeTable table{.kind = "default", .inv_freq = {1, 0.125}, .attention_factor = 1.5};
  const auto cos = make_rope_payload(table, RopePart::cos, 40), sin = make_rope_payload(table, RopePart::sin, 40);
  EXPECT_EQ(cos->shape(), (Shape{1, 1, 40, 4}));
  EXPECT_NE(cos->key(), sin->key());
  EXPECT_NE(cos->key(), make_rope_payload(table, RopePart::cos, 41)->key());
  const std::vector<uint16_t> c = bits_of_blob(*cos), s = bits_of_blob(*sin);
  for (size_t p = 0; p < 40; ++p) {
    for (size_t i = 0; i < 4; ++i) {
      const double angle = static_cast<double>(p) * table.inv_freq[i % 2];
      EXPECT_EQ(c[p * 4 + i], float_to_half(static_cast<float>(1.5 * std::cos(angle))));
      EXPECT_EQ(s[p * 4 + i], float_to_half(static_cast<float>((i < 2 ? -1.5 : 1.5) * std::sin(angle))));
    }
  }
  // Tiles begin anywhere.
  for (const auto& payload : {cos, sin}) {
    const std::vector<std::byte> whole = mil::produce_all(*payload);
    for (const size_t begin : {136u, 138u, 140u, 142u}) {
      std::vector<std::byte> part(24);
      payload->produce(begin, part);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin))) << begin;
    }
  }
}

}  // namespace
}  // namespace cortland
