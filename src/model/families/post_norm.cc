// Norms behind the branches: x + rms(attention(x)), or around them.
#include "model/families/family.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cortland {
namespace {

void set_post_norms(SpecBuilder& b) {
  const NormSpec norm = b.norm(NormKind::rms, "rms_norm_eps");
  for (LayerSpec& layer : b.spec.layers) layer.post_attention_norm = layer.post_mlp_norm = norm;
  b.spec.final_norm = norm;
}

// Everything but the norms of queries and keys.
void add_post_norm_frame(SpecBuilder& b) {
  set_post_norms(b);
  b.weight(Role::post_attention_norm, "model.layers.{}.post_attention_layernorm");
  b.weight(Role::post_mlp_norm, "model.layers.{}.post_feedforward_layernorm");
  add_gated_mlp(b);
  add_ends(b);
}

// Which layers slide by sliding_window_pattern, where layer_types is not given.
void set_pattern_windows(SpecBuilder& b, std::optional<int64_t> window) {
  constexpr int64_t kDefaultPattern = 4, kMaxPattern = 1024;
  const Json* pattern = b.config.find("sliding_window_pattern");
  set_windows(b, window, [](size_t) { return false; });
  if (b.config.find_set("layer_types") != nullptr || !window) return;
  if (pattern != nullptr && pattern->is_null()) {
    b.config.refuse("sliding_window_pattern: null next to a sliding_window does not say which layers slide");
    return;
  }
  const size_t layers = b.spec.layers.size();
  if (pattern != nullptr && pattern->is_string()) {
    const auto letters = pattern->get<std::string>();
    if (letters.empty() || letters.find_first_not_of("LG") != std::string::npos) {
      b.config.reject(fmt::format("sliding_window_pattern: got \"{}\", want letters L (sliding) and G (full)",
                                  printable(letters)));
      return;
    }
    // The last layer is always full in this form.
    for (size_t i = 0; i + 1 < layers; ++i) {
      if (letters[i % letters.size()] == 'L') b.spec.layers[i].attention.window = window;
    }
    return;
  }
  const auto period = static_cast<size_t>(b.config.size("sliding_window_pattern", kMaxPattern, kDefaultPattern));
  for (size_t i = 0; i < layers; ++i) {
    if ((i + 1) % period != 0) b.spec.layers[i].attention.window = window;
  }
}

// EXAONE 4.0: norms behind each half of a layer and on each query and key head; with a sliding window, the full layers
// have no position encoding.
void build_exaone4(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096;  // of a config that does not have the key; null means none
  b.read_sizes();
  const std::optional<int64_t> window = read_window(b, kDefaultWindow);
  set_pattern_windows(b, window);
  b.add_rope(1, {.layer_type = window ? "sliding_attention" : "full_attention"});
  bool rotates = false;
  b.each_layer([&](LayerSpec& layer, size_t) {
    if (window && !layer.attention.window) layer.attention.rope.reset();
    rotates = rotates || layer.attention.rope.has_value();
  });
  if (!rotates) b.spec.rope_tables.clear();
  add_separate_attention(b);
  add_head_norms(b, "model.layers.{}.self_attn.q_norm", "model.layers.{}.self_attn.k_norm");
  add_post_norm_frame(b);
}

// Queries are normed over all heads together, and so are keys.
void build_olmo(SpecBuilder& b) {
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  const AttentionSpec& a = b.spec.layers.front().attention;
  b.head_gains(Role::query_norm, "model.layers.{}.self_attn.q_norm", {a.heads * a.head_dim});
  b.head_gains(Role::key_norm, "model.layers.{}.self_attn.k_norm", {a.kv_heads * a.head_dim});
  add_post_norm_frame(b);
  for (LayerSpec& layer : b.spec.layers) layer.attention.qk_norm = QkNormSpec{*layer.post_mlp_norm, true, false};
}

void build_olmo2(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope();
  build_olmo(b);
}

// Three sliding layers, then a full one; only full layers have scaled frequencies.
void build_olmo3(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096;
  b.read_sizes();
  set_windows(b, read_window(b, kDefaultWindow), [](size_t i) { return (i + 1) % 4 != 0; });
  b.add_rope();
  if (b.config.find_set("rope_scaling") != nullptr || b.config.find_set("rope_parameters") != nullptr) {
    b.add_rope(1, {.layer_type = "sliding_attention", .scaled = false});
    b.each_layer([](LayerSpec& layer, size_t) { layer.attention.rope = layer.attention.window ? 1 : 0; });
  }
  build_olmo(b);
}

// Norms in front of the branches and behind them.
void build_glm4(SpecBuilder& b) {
  constexpr double kHalf = 0.5;
  b.read_sizes({.default_kv_heads = 2, .default_head_dim = 128});
  b.add_rope(b.rotary_fraction(kHalf));
  add_separate_attention(b, {.qkv = b.config.boolean("attention_bias", true)});
  b.interleaved_rope();
  b.fused_gate_up("model.layers.{}.mlp.gate_up_proj");
  b.weight(Role::down, "model.layers.{}.mlp.down_proj");
  set_post_norms(b);
  for (LayerSpec& layer : b.spec.layers) layer.pre_attention_norm = layer.pre_mlp_norm = b.spec.final_norm;
  b.weight(Role::pre_attention_norm, "model.layers.{}.input_layernorm");
  b.weight(Role::post_attention_norm, "model.layers.{}.post_self_attn_layernorm");
  b.weight(Role::pre_mlp_norm, "model.layers.{}.post_attention_layernorm");
  b.weight(Role::post_mlp_norm, "model.layers.{}.post_mlp_layernorm");
  add_ends(b);
}

constexpr std::array kPostNormFamilies = {
    FamilyRow{"exaone4", "Exaone4ForCausalLM", build_exaone4},
    FamilyRow{"glm4", "Glm4ForCausalLM", build_glm4},
    FamilyRow{"olmo2", "Olmo2ForCausalLM", build_olmo2},
    FamilyRow{"olmo3", "Olmo3ForCausalLM", build_olmo3},
};

}  // namespace

std::span<const FamilyRow> post_norm_families() { return kPostNormFamilies; }

}  // namespace cortland
