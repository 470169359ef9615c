// Grouped heads without copies: query heads are ordered by key/value head, so [1, H, T, E] read as [1, K, (H/K)*T, E]
// puts the queries of one group below each other.
#include <cmath>

#include "lower/parts.h"
#include "mil/ops/attention.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"

namespace cortland {
namespace {

// One projection as heads: [1, heads, T, E].
mil::Value project(Graph& graph, size_t layer, std::string_view what, mil::Value x, Role role, int64_t heads) {
  const int64_t width = graph.layer(layer).attention.head_dim;
  const std::string name = layer_name(layer, what);
  const mil::Value channels = graph.linear(name, x, role, static_cast<int64_t>(layer));
  const mil::Value split = graph.reshape(name + "_heads", channels, {1, heads, width, graph.tokens});
  return graph.transpose(name + "_rows", split, {0, 1, 3, 2});
}

mil::Value attend(Graph& graph, size_t layer, mil::Value queries, const CachedHeads& cached) {
  mil::Builder& b = graph.builder;
  const mil::Value mask = graph.masks[graph.plan.mask_of(graph.layer(layer))];
  switch (graph.plan.attention) {
    case AttentionForm::sdpa:
      return b.add(layer_name(layer, "attended"),
                   mil::ScaledDotProductAttention{
                       .query = queries, .key = cached.keys, .value = cached.values, .attn_mask = mask});
    case AttentionForm::matmul: break;
  }
  const mil::Value scores =
      b.add(layer_name(layer, "scores"), mil::Matmul{.x = queries, .y = cached.keys, .transpose_y = true});
  const mil::Value masked = b.add(layer_name(layer, "masked"), mil::Add{.x = scores, .y = mask});
  const mil::Value weights = b.add(layer_name(layer, "weights"), mil::Softmax{.x = masked, .axis = -1});
  return b.add(layer_name(layer, "attended"), mil::Matmul{.x = weights, .y = cached.values});
}

}  // namespace

mil::Value lower_attention(Graph& graph, size_t layer, mil::Value x) {
  constexpr size_t kWidthAxis = 3;
  const AttentionSpec& a = graph.layer(layer).attention;
  const auto index = static_cast<int64_t>(layer);
  const int64_t cache_heads = graph.plan.kv_heads, cache_width = graph.plan.head_dim;
  const int64_t tokens = graph.tokens, group = a.heads / a.kv_heads;
  mil::Value q = project(graph, layer, "q", x, Role::query, a.heads);
  mil::Value k = project(graph, layer, "k", x, Role::key, a.kv_heads);
  mil::Value v = project(graph, layer, "v", x, Role::value, a.kv_heads);

  // The fused op divides by sqrt(E') itself. The rest of the scale goes into the gain of the query norm, or into the
  // query when there is none.
  const double fused = graph.plan.attention == AttentionForm::sdpa ? std::sqrt(static_cast<double>(cache_width)) : 1;
  const double scale = a.score_scale * fused;
  if (a.qk_norm) {
    q = lower_norm(graph, layer_name(layer, "q_norm"), q, kWidthAxis, *a.qk_norm, Role::query_norm, index, scale);
    k = lower_norm(graph, layer_name(layer, "k_norm"), k, kWidthAxis, *a.qk_norm, Role::key_norm, index);
  } else if (scale != 1) {
    const mil::Value factor =
        graph.builder.constant(layer_name(layer, "q_scale"), mil::Literal::of(mil::Scalar{static_cast<float>(scale), DType::f16}));
    q = graph.builder.add(layer_name(layer, "q_scaled"), mil::Mul{.x = q, .y = factor});
  }
  if (a.rope) {
    q = lower_rope(graph, layer_name(layer, "q_rope"), q, *a.rope);
    k = lower_rope(graph, layer_name(layer, "k_rope"), k, *a.rope);
  }

  // Zeros up to the sides of the cache: they change no score and no result.
  const Shape cache_shape{1, cache_heads, tokens, cache_width};
  k = graph.pad_to(layer_name(layer, "k_padded"), k, cache_shape);
  v = graph.pad_to(layer_name(layer, "v_padded"), v, cache_shape);
  q = graph.reshape(layer_name(layer, "q_groups"), q, {1, a.kv_heads, group * tokens, a.head_dim});
  q = graph.pad_to(layer_name(layer, "q_padded"), q, {1, cache_heads, group * tokens, cache_width});
  const CachedHeads cached = lower_cache(graph, layer, k, v);
  mil::Value out = attend(graph, layer, q, cached);
  out = graph.crop_to(layer_name(layer, "attended_heads"), out, {1, a.kv_heads, group * tokens, a.head_dim});
  out = graph.reshape(layer_name(layer, "attended_rows"), out, {1, a.heads, tokens, a.head_dim});
  out = graph.transpose(layer_name(layer, "attended_columns"), out, {0, 1, 3, 2});
  out = graph.reshape(layer_name(layer, "attended_channels"), out, {1, a.heads * a.head_dim, 1, tokens});
  return graph.linear(layer_name(layer, "o"), out, Role::attention_output, index);
}

}  // namespace cortland
