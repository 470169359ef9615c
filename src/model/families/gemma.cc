// Gains stored as w - 1, an embedding times the square root of its width, GeGLU.
#include "model/families/family.h"

#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

namespace cortland {
namespace {

constexpr double kGainOffset = 1;  // added to every gain

SizeKeys sizes() {
  return {.activation = "hidden_activation",
          .default_activation = "gelu_pytorch_tanh",
          .default_heads = 8,
          .default_kv_heads = 4,
          .default_head_dim = 256,
          .default_positions = 131072,
          .default_vocabulary = 262208};
}

void add_gemma_frame(SpecBuilder& b) {
  b.spec.embedding_scale = std::sqrt(static_cast<double>(b.spec.width));
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_gated_mlp(b);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.weight(Role::final_norm, "model.norm", false, kGainOffset);
  b.ends("model.embed_tokens", "", "lm_head", {});
}

void build_gemma(SpecBuilder& b) {
  SizeKeys keys = sizes();
  keys.default_heads = keys.default_kv_heads = 16;
  // Old configs say "gelu" in hidden_act, and the model was trained with the tanh form.
  if (b.config.find_set("hidden_activation") == nullptr && b.config.text("hidden_act", "gelu") != "gelu") {
    keys.activation = "hidden_act";
  }
  b.config.ignore({"hidden_act"});
  b.read_sizes(keys);
  b.add_rope();
  add_pre_norms(b, kGainOffset);
  add_gemma_frame(b);
}

// Four norms, soft caps, scores by a scale of their own.
void build_sandwich(SpecBuilder& b) {
  const NormSpec norm = b.norm(NormKind::rms, "rms_norm_eps", 1e-6);
  const double scale = 1 / std::sqrt(b.config.number("query_pre_attn_scalar", 256));
  const auto cap = [&](std::string_view key) {
    return b.config.find_set(key) != nullptr ? std::optional(b.config.number(key)) : std::nullopt;
  };
  const std::optional<double> score_cap = cap("attn_logit_softcapping");
  b.spec.logit_cap = cap("final_logit_softcapping");
  b.each_layer([&](LayerSpec& layer, size_t) {
    layer.pre_attention_norm = layer.post_attention_norm = layer.pre_mlp_norm = layer.post_mlp_norm = norm;
    layer.attention.score_scale = scale;
    layer.attention.score_cap = score_cap;
  });
  b.spec.final_norm = norm;
  b.weight(Role::pre_attention_norm, "model.layers.{}.input_layernorm", false, kGainOffset);
  b.weight(Role::post_attention_norm, "model.layers.{}.post_attention_layernorm", false, kGainOffset);
  b.weight(Role::pre_mlp_norm, "model.layers.{}.pre_feedforward_layernorm", false, kGainOffset);
  b.weight(Role::post_mlp_norm, "model.layers.{}.post_feedforward_layernorm", false, kGainOffset);
  b.config.ignore({"hidden_act", "cache_implementation"});
  if (b.config.boolean("use_bidirectional_attention", false)) {
    b.config.refuse("use_bidirectional_attention: true is not supported; want a decoder");
  }
  add_gemma_frame(b);
}

void build_gemma2(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096;
  b.read_sizes(sizes());
  b.add_rope();
  set_windows(b, read_window(b, kDefaultWindow), [](size_t i) { return i % 2 == 0; });
  build_sandwich(b);
}

// Sliding layers rotate by a table of their own.
void build_gemma3(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096, kDefaultPattern = 6, kMaxPattern = 1024;
  b.read_sizes(sizes());
  const std::optional<int64_t> window = read_window(b, kDefaultWindow);
  const int64_t period = b.config.size("sliding_window_pattern", kMaxPattern,
                                       b.config.size("_sliding_window_pattern", kMaxPattern, kDefaultPattern));
  set_windows(b, window, [](size_t) { return true; });
  if (b.config.find_set("layer_types") == nullptr) {
    b.each_layer([&](LayerSpec& layer, size_t i) {
      if ((static_cast<int64_t>(i) + 1) % period == 0) layer.attention.window.reset();
    });
  }
  b.add_rope(1, {.theta_key = "rope_theta", .default_theta = 1e6});
  b.add_rope(1, {.layer_type = "sliding_attention", .theta_key = "rope_local_base_freq", .scaled = false});
  b.each_layer([](LayerSpec& layer, size_t) { layer.attention.rope = layer.attention.window ? 1 : 0; });
  add_head_norms(b, "model.layers.{}.self_attn.q_norm", "model.layers.{}.self_attn.k_norm", kGainOffset);
  build_sandwich(b);
}

constexpr std::array kGemmaFamilies = {
    FamilyRow{"gemma", "GemmaForCausalLM", build_gemma},
    FamilyRow{"gemma2", "Gemma2ForCausalLM", build_gemma2},
    FamilyRow{"gemma3_text", "Gemma3ForCausalLM", build_gemma3},
};

}  // namespace

std::span<const FamilyRow> gemma_families() { return kGemmaFamilies; }

}  // namespace cortland
