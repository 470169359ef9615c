// One row per model_type: how its config.json fills a spec and what its tensors are called. The rows of each file of
// this folder are one list; ../families.cc joins them.
#pragma once

#include <span>
#include <string_view>

#include "model/spec_builder.h"

namespace cortland {

struct FamilyRow {
  std::string_view model_type;
  std::string_view architecture;
  void (*build)(SpecBuilder& builder);
};

std::span<const FamilyRow> llama_families();       // pre-norm, RMS, gated feed-forward, separate or fused projections
std::span<const FamilyRow> post_norm_families();   // norms behind the branches
std::span<const FamilyRow> gemma_families();
std::span<const FamilyRow> layer_norm_families();  // rotary positions and layer norms
std::span<const FamilyRow> gpt_families();         // learned positions, ALiBi, or GPT-style fused projections

// A model with more than text, whose text part is a family of its own under `text_config`.
struct CompositeRow {
  std::string_view model_type;
  std::string_view architecture;
  std::string_view text_type;
  std::span<const std::string_view> ignored_tensors;
};
std::span<const CompositeRow> composite_families();

// Parts that several files use.

// `self_attn.{q,k,v,o}_proj`.
struct AttentionBias {
  bool qkv = false, output = false;
};
void add_separate_attention(SpecBuilder& b, AttentionBias bias = {}, std::string_view output = "o_proj");
// `mlp.{gate,up,down}_proj`.
void add_gated_mlp(SpecBuilder& b, bool has_bias = false);
// Two linear layers.
void add_plain_mlp(SpecBuilder& b, std::string_view up, std::string_view down, bool has_bias);
// RMS norms in front of attention and of the feed-forward part, and the final one, with the epsilon of rms_norm_eps.
void add_pre_norms(SpecBuilder& b, double offset = 0);
// Per-head norms of queries and keys, by the patterns of their gains.
void add_head_norms(SpecBuilder& b, std::string_view query, std::string_view key, double offset = 0);
// `model.embed_tokens`, `model.norm`, `lm_head`.
void add_ends(SpecBuilder& b, bool tied_by_default = false);

// Which layers slide: `layer_types`, or by default what `slides` says of a layer. `window` is that of the sliding
// layers.
void set_windows(SpecBuilder& b, std::optional<int64_t> window, bool (*slides)(size_t layer));
// `sliding_window`: null means none, and without the key it is `otherwise`.
std::optional<int64_t> read_window(SpecBuilder& b, std::optional<int64_t> otherwise = {});

}  // namespace cortland
