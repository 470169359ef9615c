// Grouped heads without copies: query heads are ordered by key/value head, so [1, H, T, E] read as [1, K, (H/K)*T, E]
// puts the queries of one group below each other.
#include <cmath>

#include "lower/parts.h"
#include "mil/ops/attention.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"

namespace cortland {
namespace {

constexpr size_t kWidthAxis = 3;

// What makes heads of x: a projection and what happens to its result.
struct Projection {
  std::string_view what;  // "q"
  Role role, norm;
  int64_t heads = 0;
  double scale = 1;  // of the result
  double input = 1;  // of the weights beside that
};

// A linear projection as channels: heads * E of them.
mil::Value project(Graph& graph, size_t layer, const Projection& p, mil::Value x) {
  const AttentionSpec& a = graph.layer(layer).attention;
  const auto index = static_cast<int64_t>(layer);
  const std::string name = layer_name(layer, p.what);
  // The scale goes into the norm where there is one, or else into the weights.
  const bool is_normed = a.qk_norm && p.role != Role::value;
  const double scale = is_normed || a.clamp ? 1 : p.scale;
  mil::Value y = graph.linear(name, x, p.role, index, {.scale = scale * p.input}, scale);
  if (a.clamp) {
    const auto limit = static_cast<float>(*a.clamp);
    y = graph.builder.add(name + "_clamped",
                          mil::Clip{.x = y, .alpha = {-limit, DType::f16}, .beta = {limit, DType::f16}});
    if (!is_normed && p.scale != 1) y = graph.multiply(name + "_scaled", y, graph.number(name + "_scale", p.scale));
  }
  if (is_normed && a.qk_norm->whole) {
    y = lower_norm(graph, name + "_norm", y, graph.channel_axis(), a.qk_norm->norm, p.norm, index, p.scale);
  }
  return y;
}

// The same as heads [1, heads, T, E], normed and rotated.
mil::Value add_heads(Graph& graph, size_t layer, const Projection& p, mil::Value x) {
  const AttentionSpec& a = graph.layer(layer).attention;
  const std::string name = layer_name(layer, p.what);
  mil::Value y = graph.split_heads(name, project(graph, layer, p, x), p.heads, a.head_dim);
  const bool is_normed = p.role != Role::value && a.qk_norm && !a.qk_norm->whole;
  const auto norm = [&] {
    return lower_norm(graph, name + "_norm", y, kWidthAxis, a.qk_norm->norm, p.norm, static_cast<int64_t>(layer),
                      p.scale);
  };
  if (is_normed && !a.qk_norm->after_rope) y = norm();
  if (p.role != Role::value && a.rope) y = lower_rope(graph, name + "_rope", y, *a.rope);
  if (is_normed && a.qk_norm->after_rope) y = norm();
  return y;
}

mil::Value attend(Graph& graph, size_t layer, mil::Value queries, const CachedHeads& cached) {
  mil::Builder& b = graph.builder;
  const AttentionSpec& a = graph.layer(layer).attention;
  const mil::Value mask = graph.masks[graph.plan.mask_of(graph.layer(layer))];
  switch (graph.plan.attention) {
    case AttentionForm::sdpa:
      return b.add(layer_name(layer, "attended"),
                   mil::ScaledDotProductAttention{
                       .query = queries, .key = cached.keys, .value = cached.values, .attn_mask = mask});
    case AttentionForm::matmul: break;
  }
  mil::Value scores =
      b.add(layer_name(layer, "scores"), mil::Matmul{.x = queries, .y = cached.keys, .transpose_y = true});
  if (a.score_cap) scores = lower_cap(graph, layer_name(layer, "capped"), scores, *a.score_cap);
  const mil::Value masked = graph.add(layer_name(layer, "masked"), scores, mask);
  const mil::Value weights = b.add(layer_name(layer, "weights"), mil::Softmax{.x = masked, .axis = -1});
  return b.add(layer_name(layer, "attended"), mil::Matmul{.x = weights, .y = cached.values});
}

}  // namespace

void group_masks(Graph& graph) {
  const AttentionSpec& a = graph.spec().layers.front().attention;
  const int64_t group = a.heads / a.kv_heads;
  if (graph.tokens == 1 || group == 1) return;  // one row serves them all
  for (size_t i = 0; i < graph.masks.size(); ++i) {
    if (!graph.masks[i]) continue;
    const mil::Tile tile{.x = graph.masks[i], .reps = {1, 1, static_cast<int32_t>(group), 1}};
    graph.masks[i] = graph.builder.add(graph.plan.masks[i].name + "_groups", tile);
  }
}

mil::Value lower_attention(Graph& graph, size_t layer, mil::Value x) {
  const AttentionSpec& a = graph.layer(layer).attention;
  const auto index = static_cast<int64_t>(layer);
  const int64_t cache_heads = graph.plan.kv_heads, cache_width = graph.plan.head_dim;
  const int64_t rows = graph.rows(a.heads / a.kv_heads);  // of queries that share a key/value head
  // The fused op divides by sqrt(E') itself.
  const double fused = graph.plan.attention == AttentionForm::sdpa ? std::sqrt(static_cast<double>(cache_width)) : 1;
  const BranchScale scale = attention_scale(graph, layer);
  mil::Value q =
      add_heads(graph, layer, {"q", Role::query, Role::query_norm, a.heads, a.score_scale * fused, scale.input}, x);
  mil::Value k = add_heads(graph, layer, {"k", Role::key, Role::key_norm, a.kv_heads, 1, scale.input}, x);
  mil::Value v = add_heads(graph, layer, {"v", Role::value, Role::value, a.kv_heads, scale.inner, scale.input}, x);

  // Zeros up to the sides of the cache: they change no score and no result.
  const Shape cache_shape{1, cache_heads, graph.tokens, cache_width};
  k = graph.pad_to(layer_name(layer, "k_padded"), k, cache_shape);
  v = graph.pad_to(layer_name(layer, "v_padded"), v, cache_shape);
  q = graph.reshape(layer_name(layer, "q_groups"), q, {1, a.kv_heads, rows, a.head_dim});
  q = graph.pad_to(layer_name(layer, "q_padded"), q, {1, cache_heads, rows, cache_width});
  const CachedHeads cached = graph.cache->join(graph, layer, k, v);
  mil::Value out = attend(graph, layer, q, cached);
  out = graph.crop_to(layer_name(layer, "attended_heads"), out, {1, a.kv_heads, rows, a.head_dim});
  out = graph.reshape(layer_name(layer, "attended_rows"), out, {1, a.heads, graph.tokens, a.head_dim});
  out = graph.join_heads(layer_name(layer, "attended"), out);
  return graph.linear(layer_name(layer, "o"), out, Role::attention_output, index, {.scale = scale.output},
                      scale.output_bias);
}

}  // namespace cortland
