#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "lower/tiny.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::MatchesRegex;
using ::testing::Not;

AneOptions fused() { return {.context = 64, .prefill = 8, .attention = AttentionForm::sdpa}; }

// The fp16 bits of a parameter of `tiny` times `scale`, then as many zeros.
std::vector<uint16_t> gain(const Tiny& tiny, Role role, int64_t layer, double scale) {
  std::vector<float> values = tiny.weights.values({role, layer});
  std::vector<uint16_t> bits;
  for (const float value : values) bits.push_back(float_to_half(static_cast<float>(value * scale)));
  bits.resize(2 * bits.size(), 0);
  return bits;
}

TEST(Attention, TheMatmulForm) {
  const Tiny tiny;
  const mil::Function& f = tiny.prefill();
  EXPECT_EQ(line(f, "layers_0_scores"),
            "%layers_0_scores: fp16[1, 4, 16, 64] = matmul(x=%layers_0_q_padded, y=%layers_0_keys, transpose_x=false, "
            "transpose_y=true)");
  EXPECT_EQ(line(f, "layers_0_weights"),
            "%layers_0_weights: fp16[1, 4, 16, 64] = softmax(x=%layers_0_masked, axis=-1)");
  EXPECT_EQ(line(f, "layers_0_attended"),
            "%layers_0_attended: fp16[1, 4, 16, 32] = matmul(x=%layers_0_weights, y=%layers_0_values, "
            "transpose_x=false, transpose_y=false)");
  EXPECT_EQ(count_of(f, "softmax"), 3u);
  EXPECT_EQ(count_of(f, "scaled_dot_product_attention"), 0u);
}

TEST(Attention, TheFusedForm) {
  const Tiny tiny(tiny_spec(), fused());
  EXPECT_EQ(line(tiny.prefill(), "layers_0_attended"),
            "%layers_0_attended: fp16[1, 4, 16, 32] = scaled_dot_product_attention(query=%layers_0_q_padded, "
            "key=%layers_0_keys, value=%layers_0_values, attn_mask=%mask_sliding_groups)");
  EXPECT_EQ(line(tiny.decode(), "layers_2_attended"),
            "%layers_2_attended: fp16[1, 4, 2, 32] = scaled_dot_product_attention(query=%layers_2_q_padded, "
            "key=%layers_2_keys, value=%layers_2_values, attn_mask=%mask)");
  for (const mil::Function& function : tiny.program.functions) {
    EXPECT_EQ(count_of(function, "scaled_dot_product_attention"), 3u);
    EXPECT_EQ(count_of(function, "softmax") + count_of(function, "matmul"), 0u);
  }
}

TEST(Attention, QueriesOfAGroupLieBelowEachOtherAndNothingIsRepeated) {
  const Tiny tiny;
  const mil::Function& f = tiny.prefill();
  EXPECT_EQ(line(f, "layers_0_q_heads"),
            "%layers_0_q_heads: fp16[1, 6, 10, 8] = reshape(x=%layers_0_q, shape=[1, 6, 10, 8])");
  EXPECT_EQ(line(f, "layers_0_q_rows"),
            "%layers_0_q_rows: fp16[1, 6, 8, 10] = transpose(x=%layers_0_q_heads, perm=[0, 1, 3, 2])");
  EXPECT_EQ(line(f, "layers_0_q_groups"),
            "%layers_0_q_groups: fp16[1, 3, 16, 10] = reshape(x=%layers_0_q_rope, shape=[1, 3, 16, 10])");
  EXPECT_EQ(line(f, "layers_0_q_padded"),
            "%layers_0_q_padded: fp16[1, 4, 16, 32] = pad(x=%layers_0_q_groups, pad=[0, 0, 0, 1, 0, 0, 0, 22], "
            "mode=\"constant\", constant_val=0)");
  EXPECT_EQ(line(f, "layers_0_k_padded"),
            "%layers_0_k_padded: fp16[1, 4, 8, 32] = pad(x=%layers_0_k_rope, pad=[0, 0, 0, 1, 0, 0, 0, 22], "
            "mode=\"constant\", constant_val=0)");
  EXPECT_EQ(line(f, "layers_0_attended_heads"),
            "%layers_0_attended_heads: fp16[1, 3, 16, 10] = slice_by_index(x=%layers_0_attended, begin=[0, 0, 0, 0], "
            "end=[1, 3, 16, 10])");
  EXPECT_EQ(line(f, "layers_0_attended_rows"),
            "%layers_0_attended_rows: fp16[1, 6, 8, 10] = reshape(x=%layers_0_attended_heads, shape=[1, 6, 8, 10])");
  EXPECT_EQ(line(f, "layers_0_attended_channels"),
            "%layers_0_attended_channels: fp16[1, 60, 1, 8] = reshape(x=%layers_0_attended_columns, "
            "shape=[1, 60, 1, 8])");
  // Only masks are repeated, once for all layers.
  EXPECT_EQ(count_of(f, "tile"), 2u);
  EXPECT_EQ(line(f, "mask_groups"), "%mask_groups: fp16[1, 1, 16, 64] = tile(x=%mask, reps=[1, 1, 2, 1])");
  EXPECT_EQ(count_of(tiny.decode(), "tile"), 0u);
  std::set<std::string> types;
  for (const mil::Operation& op : f.operations) types.insert(op.type);
  EXPECT_THAT(types, IsSubsetOf({"add", "concat", "const", "conv", "expand_dims", "gather", "layer_norm", "matmul",
                                 "mul", "pad", "read_state", "reshape", "silu", "slice_by_index", "slice_update",
                                 "softmax", "squeeze", "tile", "transpose", "write_state"}));
}

TEST(Attention, HeadsThatFillTheCacheAreNotPadded) {
  ModelSpec spec = tiny_spec();
  spec.rope_tables.clear();
  spec.layers = {tiny_layer({}, {})};
  spec.layers[0].attention.heads = spec.layers[0].attention.kv_heads = 4;
  spec.layers[0].attention.head_dim = 32;
  const Tiny tiny(spec);
  EXPECT_EQ(count_of(tiny.prefill(), "pad"), 0u);
  EXPECT_EQ(count_of(tiny.prefill(), "tile"), 0u);
  EXPECT_THAT(line(tiny.prefill(), "layers_0_masked"), EndsWith("= add(x=%layers_0_scores, y=%mask)"));
  EXPECT_THAT(line(tiny.prefill(), "layers_0_attended_rows"),
              EndsWith("= reshape(x=%layers_0_attended, shape=[1, 4, 8, 32])"));
}

TEST(Attention, EachLayerUsesTheMaskOfItsWindow) {
  const Tiny tiny;
  for (const auto& [layer, decode, prefill] : {std::tuple(0, "mask_sliding", "mask_sliding_groups"),
                                               std::tuple(1, "mask_sliding", "mask_sliding_groups"),
                                               std::tuple(2, "mask", "mask_groups")}) {
    const std::string name = fmt::format("layers_{}_masked", layer);
    EXPECT_EQ(line(tiny.decode(), name),
              fmt::format("%{}: fp16[1, 4, 2, 64] = add(x=%layers_{}_scores, y=%{})", name, layer, decode));
    EXPECT_EQ(line(tiny.prefill(), name),
              fmt::format("%{}: fp16[1, 4, 16, 64] = add(x=%layers_{}_scores, y=%{})", name, layer, prefill));
  }
}

TEST(Attention, OnlyLayersThatRotateHaveRope) {
  ModelSpec spec = tiny_spec();
  spec.rope_tables.push_back({.kind = "other", .inv_freq = {1, 2, 3, 4, 5}});
  spec.layers[1].attention.rope = 1;
  const Tiny tiny(spec);
  const mil::Function& f = tiny.prefill();
  EXPECT_EQ(line(f, "layers_0_q_rope_low"),
            "%layers_0_q_rope_low: fp16[1, 6, 8, 5] = slice_by_index(x=%layers_0_q_norm, begin=[0, 0, 0, 0], "
            "end=[1, 6, 8, 5])");
  EXPECT_EQ(line(f, "layers_0_q_rope_swapped"),
            "%layers_0_q_rope_swapped: fp16[1, 6, 8, 10] = concat(values=(%layers_0_q_rope_high, "
            "%layers_0_q_rope_low), axis=3, interleave=false)");
  EXPECT_EQ(line(f, "layers_0_q_rope_cos"),
            "%layers_0_q_rope_cos: fp16[1, 6, 8, 10] = mul(x=%layers_0_q_norm, y=%cos)");
  EXPECT_EQ(line(f, "layers_0_k_rope_sin"),
            "%layers_0_k_rope_sin: fp16[1, 3, 8, 10] = mul(x=%layers_0_k_rope_swapped, y=%sin)");
  EXPECT_EQ(line(f, "layers_0_k_rope"),
            "%layers_0_k_rope: fp16[1, 3, 8, 10] = add(x=%layers_0_k_rope_cos, y=%layers_0_k_rope_sin)");
  EXPECT_THAT(line(f, "layers_1_q_rope_cos"), EndsWith("= mul(x=%layers_1_q_norm, y=%cos_1)"));
  EXPECT_THAT(line(f, "layers_1_k_rope_sin"), EndsWith("= mul(x=%layers_1_k_rope_swapped, y=%sin_1)"));
  for (const mil::ValueInfo& value : f.values) EXPECT_THAT(value.name, Not(MatchesRegex("layers_2_.*rope.*")));
  EXPECT_THAT(line(f, "layers_2_q_groups"), EndsWith("= reshape(x=%layers_2_q_norm, shape=[1, 3, 16, 10])"));
  EXPECT_THAT(line(f, "layers_2_k_padded"), HasSubstr("= pad(x=%layers_2_k_norm, "));
}

TEST(Attention, ThePlainScaleIsInTheGainOfTheQueryNorm) {
  const Tiny tiny;
  const mil::Function& f = tiny.decode();
  // The width of one head, twice: over x and -x.
  EXPECT_EQ(line(f, "layers_0_q_norm_double"),
            "%layers_0_q_norm_double: fp16[1, 6, 1, 20] = layer_norm(x=%layers_0_q_norm_both, axes=[3], "
            "gamma=%layers_0_q_norm_gain, epsilon=1.001358e-05)");
  EXPECT_EQ(bits_of_blob(*blob(f, "layers_0_q_norm_gain")), gain(tiny, Role::query_norm, 0, 0.25));
  EXPECT_EQ(bits_of_blob(*blob(f, "layers_0_k_norm_gain")), gain(tiny, Role::key_norm, 0, 1));
  EXPECT_EQ(line(f, "layers_0_q_scaled"), "no operation layers_0_q_scaled");
}

TEST(Attention, TheFusedOpDividesByTheWidthOfTheCache) {
  const Tiny tiny(tiny_spec(), fused());
  const double root = std::sqrt(32.0);
  EXPECT_EQ(bits_of_blob(*blob(tiny.decode(), "layers_1_q_norm_gain")), gain(tiny, Role::query_norm, 1, 0.25 * root));
  EXPECT_EQ(bits_of_blob(*blob(tiny.decode(), "layers_1_k_norm_gain")), gain(tiny, Role::key_norm, 1, 1));
}

TEST(Attention, WithoutQueryNormTheWeightsAreScaled) {
  ModelSpec spec = tiny_spec();
  for (LayerSpec& layer : spec.layers) layer.attention.qk_norm.reset();
  spec.layers[1].attention.score_scale = 1;
  const Tiny tiny(spec);
  const mil::Function& f = tiny.decode();
  EXPECT_EQ(blob(f, "layers_0_q_weight")->key(), "fp16 0.query[0:+1440] x 0.25");
  EXPECT_EQ(blob(f, "layers_0_k_weight")->key(), "fp16 0.key[0:+720] x 1");
  EXPECT_EQ(blob(f, "layers_1_q_weight")->key(), "fp16 1.query[0:+1440] x 1");
  EXPECT_THAT(line(f, "layers_0_q_rope_cos"), EndsWith("= mul(x=%layers_0_q_rows, y=%cos)"));
}
}  // namespace
}  // namespace cortland
