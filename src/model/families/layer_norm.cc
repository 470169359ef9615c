// Rotary positions and layer norms.
#include "model/families/family.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cortland {
namespace {

// `input_layernorm` and, where branches are in a row, `post_attention_layernorm`.
void add_layer_norms(SpecBuilder& b, NormSpec norm, bool has_bias, double offset = 0) {
  const bool parallel = b.spec.layers.front().parallel;
  for (LayerSpec& layer : b.spec.layers) {
    layer.pre_attention_norm = norm;
    if (!parallel) layer.pre_mlp_norm = norm;
  }
  b.spec.final_norm = norm;
  b.weight(Role::pre_attention_norm, "model.layers.{}.input_layernorm", has_bias, offset);
  if (!parallel) b.weight(Role::pre_mlp_norm, "model.layers.{}.post_attention_layernorm", has_bias, offset);
}

void set_parallel(SpecBuilder& b, bool parallel) {
  for (LayerSpec& layer : b.spec.layers) layer.parallel = parallel;
}

void build_phi(SpecBuilder& b) {
  constexpr double kHalf = 0.5;
  b.read_sizes({.default_activation = "gelu_new"});
  b.add_rope(b.rotary_fraction(kHalf));
  if (b.config.boolean("qk_layernorm", false)) b.config.refuse("qk_layernorm: true is not supported");
  set_parallel(b, true);
  add_separate_attention(b, {true, true}, "dense");
  add_plain_mlp(b, "model.layers.{}.mlp.fc1", "model.layers.{}.mlp.fc2", true);
  add_layer_norms(b, b.norm(NormKind::layer, "layer_norm_eps", 1e-5), true);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("model.embed_tokens", "model.final_layernorm", "lm_head", {.final_norm = true, .head = true});
}

void build_stablelm(SpecBuilder& b) {
  constexpr double kQuarter = 0.25;
  b.read_sizes();
  b.add_rope(b.rotary_fraction(kQuarter));
  set_parallel(b, b.config.boolean("use_parallel_residual", false));
  add_separate_attention(b, {.qkv = b.config.boolean("use_qkv_bias", false)});
  const NormSpec norm = b.norm(NormKind::layer, "layer_norm_eps", 1e-5);
  if (b.config.boolean("qk_layernorm", false)) {
    const AttentionSpec& a = b.spec.layers.front().attention;
    b.joined_head_gains(Role::query_norm, "model.layers.{}.self_attn.q_layernorm.norms.{}", a.heads);
    b.joined_head_gains(Role::key_norm, "model.layers.{}.self_attn.k_layernorm.norms.{}", a.kv_heads);
    for (LayerSpec& layer : b.spec.layers) layer.attention.qk_norm = QkNormSpec{norm};
  }
  add_gated_mlp(b);
  add_layer_norms(b, norm, true);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("model.embed_tokens", "model.norm", "lm_head", {.final_norm = true});
}

void build_starcoder2(SpecBuilder& b) {
  b.read_sizes({.default_activation = "gelu_pytorch_tanh", .default_kv_heads = 2});
  b.config.ignore({"residual_dropout", "embedding_dropout", "mlp_type", "norm_type", "layer_norm_epsilon"});
  b.add_rope();
  set_windows(b, read_window(b), [](size_t) { return true; });
  const bool bias = b.config.boolean("use_bias", true);
  add_separate_attention(b, {bias, bias});
  add_plain_mlp(b, "model.layers.{}.mlp.c_fc", "model.layers.{}.mlp.c_proj", bias);
  add_layer_norms(b, b.norm(NormKind::layer, "norm_epsilon", 1e-5), true);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.ends("model.embed_tokens", "model.norm", "lm_head", {.final_norm = true});
}

// One norm without bias for both branches, logits times a factor.
void add_cohere_frame(SpecBuilder& b) {
  b.config.ignore({"use_embedding_sharing", "use_parallel_embedding", "position_embedding_type", "use_gated_activation",
                   "use_parallel_block", "rotary_pct", "order_of_interleaved_layers", "cache_implementation",
                   "max_input_length", "model_max_length", "num_embeddings", "embedding_size", "n_positions",
                   "layer_switch"});
  set_parallel(b, true);
  b.spec.logit_scale = b.config.number("logit_scale", 0.0625);
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_gated_mlp(b);
  add_layer_norms(b, b.norm(NormKind::layer, "layer_norm_eps", 1e-5), false);
  add_ends(b, true);
}

void build_cohere(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope();
  add_cohere_frame(b);
  if (b.config.boolean("use_qk_norm", false)) {
    const AttentionSpec& a = b.spec.layers.front().attention;
    b.head_gains(Role::query_norm, "model.layers.{}.self_attn.q_norm", {a.heads, a.head_dim});
    b.head_gains(Role::key_norm, "model.layers.{}.self_attn.k_norm", {a.kv_heads, a.head_dim});
    for (LayerSpec& layer : b.spec.layers) layer.attention.qk_norm = QkNormSpec{*layer.pre_attention_norm};
  }
  b.interleaved_rope();
}

// Three sliding layers, then one that sees everything and has no position encoding.
void build_cohere2(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096, kDefaultPattern = 4, kMaxPattern = 1024;
  b.read_sizes();
  const int64_t period = b.config.size("sliding_window_pattern", kMaxPattern,
                                       b.config.size("_sliding_window_pattern", kMaxPattern, kDefaultPattern));
  set_windows(b, read_window(b, kDefaultWindow), [](size_t) { return true; });
  if (b.config.find_set("layer_types") == nullptr) {
    b.each_layer([&](LayerSpec& layer, size_t i) {
      if ((static_cast<int64_t>(i) + 1) % period == 0) layer.attention.window.reset();
    });
  }
  b.add_rope();
  b.each_layer([](LayerSpec& layer, size_t) {
    if (!layer.attention.window) layer.attention.rope.reset();
  });
  add_cohere_frame(b);
  b.interleaved_rope();
}

// Norms without parameters.
void build_olmo1(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope();
  std::optional<double> clamp;
  if (b.config.find_set("clip_qkv") != nullptr) clamp = b.config.number("clip_qkv");
  const NormSpec norm{NormKind::layer, 1e-5};
  b.each_layer([&](LayerSpec& layer, size_t) {
    layer.attention.clamp = clamp;
    layer.pre_attention_norm = layer.pre_mlp_norm = norm;
  });
  b.spec.final_norm = norm;
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_gated_mlp(b);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("model.embed_tokens", "", "lm_head", {});
}

// Layer norms whose gains are stored as w - 1, and a plain feed-forward part.
void build_nemotron(SpecBuilder& b) {
  constexpr double kHalf = 0.5, kOne = 1;
  b.read_sizes({.default_activation = "relu2"});
  b.add_rope(b.rotary_fraction(kHalf));
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_plain_mlp(b, "model.layers.{}.mlp.up_proj", "model.layers.{}.mlp.down_proj", b.config.boolean("mlp_bias", false));
  add_layer_norms(b, b.norm(NormKind::layer, "norm_eps", 1e-5), true, kOne);
  b.weight(Role::final_norm, "model.norm", true, kOne);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("model.embed_tokens", "", "lm_head", {});
}

constexpr std::array kLayerNormFamilies = {
    FamilyRow{"cohere", "CohereForCausalLM", build_cohere},
    FamilyRow{"cohere2", "Cohere2ForCausalLM", build_cohere2},
    FamilyRow{"nemotron", "NemotronForCausalLM", build_nemotron},
    FamilyRow{"olmo", "OlmoForCausalLM", build_olmo1},
    FamilyRow{"phi", "PhiForCausalLM", build_phi},
    FamilyRow{"stablelm", "StableLmForCausalLM", build_stablelm},
    FamilyRow{"starcoder2", "Starcoder2ForCausalLM", build_starcoder2},
};

}  // namespace

std::span<const FamilyRow> layer_norm_families() { return kLayerNormFamilies; }

}  // namespace cortland
