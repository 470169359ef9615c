// x + attention(rms(x)), x + mlp(rms(x)), gated feed-forward.
#include "model/families/family.h"

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cortland {
namespace {

constexpr double kAlways = 1;

// Everything but attention.
void add_frame(SpecBuilder& b, bool mlp_bias = false, bool tied_by_default = false) {
  add_pre_norms(b);
  add_gated_mlp(b, mlp_bias);
  add_ends(b, tied_by_default);
}

void build_llama(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope(b.rotary_fraction(kAlways));
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_frame(b, b.config.boolean("mlp_bias", false));
  b.ignore_tensors({"*.rotary_emb.inv_freq"});
}

// The names are those of GPT-2, the mathematics is Llama's.
void build_exaone(SpecBuilder& b) {
  b.read_sizes({.layers = "num_layers", .activation = "activation_function"});
  b.config.ignore({"embed_dropout"});
  b.add_rope();
  const NormSpec norm = b.norm(NormKind::rms, "layer_norm_epsilon");
  for (LayerSpec& layer : b.spec.layers) layer.pre_attention_norm = layer.pre_mlp_norm = norm;
  b.spec.final_norm = norm;
  b.weight(Role::pre_attention_norm, "transformer.h.{}.ln_1");
  b.weight(Role::query, "transformer.h.{}.attn.attention.q_proj");
  b.weight(Role::key, "transformer.h.{}.attn.attention.k_proj");
  b.weight(Role::value, "transformer.h.{}.attn.attention.v_proj");
  b.weight(Role::attention_output, "transformer.h.{}.attn.attention.out_proj");
  b.weight(Role::pre_mlp_norm, "transformer.h.{}.ln_2");
  b.weight(Role::gate, "transformer.h.{}.mlp.c_fc_0");
  b.weight(Role::up, "transformer.h.{}.mlp.c_fc_1");
  b.weight(Role::down, "transformer.h.{}.mlp.c_proj");
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("transformer.wte", "transformer.ln_f", "lm_head", {});
  b.ignore_tensors({"*.rotary.inv_freq", "*.rotary_emb.inv_freq"});
}

void build_mistral(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096, kDefaultKvHeads = 8;
  b.read_sizes({.default_kv_heads = kDefaultKvHeads});
  b.add_rope();
  set_windows(b, read_window(b, kDefaultWindow), [](size_t) { return true; });
  add_separate_attention(b);
  add_frame(b);
}

// Layers from max_window_layers on slide.
void set_upper_windows(SpecBuilder& b) {
  constexpr int64_t kDefaultWindow = 4096, kDefaultFirst = 28;
  const bool slides = b.config.boolean("use_sliding_window", false);
  const std::optional<int64_t> window = read_window(b, kDefaultWindow);
  const int64_t first = b.config.integer("max_window_layers", kDefaultFirst);
  set_windows(b, slides ? window : std::nullopt, [](size_t) { return true; });
  if (b.config.find_set("layer_types") != nullptr) return;
  b.each_layer([&](LayerSpec& layer, size_t i) {
    if (static_cast<int64_t>(i) < first) layer.attention.window.reset();
  });
}

void build_qwen2(SpecBuilder& b) {
  b.read_sizes({.default_kv_heads = 32});
  b.add_rope();
  set_upper_windows(b);
  add_separate_attention(b, {.qkv = true});
  add_frame(b);
}

void build_qwen3(SpecBuilder& b) {
  b.read_sizes({.default_kv_heads = 32, .default_head_dim = 128});
  b.add_rope();
  set_upper_windows(b);
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_head_norms(b, "model.layers.{}.self_attn.q_norm", "model.layers.{}.self_attn.k_norm");
  add_frame(b);
}

// Some layers have no position encoding: those whose entry in no_rope_layers is 0.
void build_smollm3(SpecBuilder& b) {
  constexpr int64_t kDefaultKvHeads = 4, kDefaultInterval = 4;
  b.read_sizes({.default_kv_heads = kDefaultKvHeads});
  b.add_rope(kAlways, {.default_theta = 2e6});
  const Json* rotates = b.config.find_set("no_rope_layers");
  const int64_t interval = b.config.size("no_rope_layer_interval", 1024, kDefaultInterval);
  if (rotates != nullptr && (!rotates->is_array() || rotates->size() != b.spec.layers.size())) {
    b.config.reject("no_rope_layers: want a list with one entry per layer");
    return;
  }
  b.each_layer([&](LayerSpec& layer, size_t i) {
    const bool has_rope = rotates != nullptr ? (*rotates)[i] != 0 : (static_cast<int64_t>(i) + 1) % interval != 0;
    if (!has_rope) layer.attention.rope.reset();
  });
  const std::optional<int64_t> window = read_window(b);
  const bool slides = b.config.boolean("use_sliding_window", false);
  set_windows(b, slides ? window : std::nullopt, [](size_t) { return true; });
  if (b.config.find_set("layer_types") == nullptr) {
    b.each_layer([](LayerSpec& layer, size_t) {
      if (layer.attention.rope) layer.attention.window.reset();
    });
  }
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  b.config.ignore({"max_window_layers"});
  add_frame(b, b.config.boolean("mlp_bias", false), true);
}

void build_phi3(SpecBuilder& b) {
  b.read_sizes();
  b.config.ignore({"original_max_position_embeddings", "attention_bias"});
  b.add_rope(b.rotary_fraction(kAlways));
  set_windows(b, read_window(b), [](size_t) { return true; });
  b.fused_attention("model.layers.{}.self_attn.qkv_proj", false, FusedRows::blocks);
  b.weight(Role::attention_output, "model.layers.{}.self_attn.o_proj");
  b.fused_gate_up("model.layers.{}.mlp.gate_up_proj");
  b.weight(Role::down, "model.layers.{}.mlp.down_proj");
  add_pre_norms(b);
  add_ends(b);
}

void build_granite(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope();
  b.spec.embedding_scale = b.config.number("embedding_multiplier", 1);
  b.spec.logit_scale = 1 / b.config.number("logits_scaling", 1);
  const double branch = b.config.number("residual_multiplier", 1), score = b.config.number("attention_multiplier", 1);
  b.each_layer([&](LayerSpec& layer, size_t) {
    layer.branch_scale = branch;
    layer.attention.score_scale = score;
  });
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_frame(b, b.config.boolean("mlp_bias", false));
}

void build_internlm2(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope();
  const bool bias = b.config.boolean("bias", false);
  b.config.ignore({"attn_implementation"});
  b.fused_attention("model.layers.{}.attention.wqkv", bias, FusedRows::kv_groups);
  b.weight(Role::attention_output, "model.layers.{}.attention.wo", bias);
  b.weight(Role::gate, "model.layers.{}.feed_forward.w1");
  b.weight(Role::up, "model.layers.{}.feed_forward.w3");
  b.weight(Role::down, "model.layers.{}.feed_forward.w2");
  const NormSpec norm = b.norm(NormKind::rms, "rms_norm_eps", 1e-6);
  for (LayerSpec& layer : b.spec.layers) layer.pre_attention_norm = layer.pre_mlp_norm = norm;
  b.spec.final_norm = norm;
  b.weight(Role::pre_attention_norm, "model.layers.{}.attention_norm");
  b.weight(Role::pre_mlp_norm, "model.layers.{}.ffn_norm");
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("model.tok_embeddings", "model.norm", "output", {});
}

void build_minicpm(SpecBuilder& b) {
  b.read_sizes();
  b.add_rope();
  const auto layers = static_cast<double>(b.spec.layers.size()), width = static_cast<double>(b.spec.width);
  b.spec.embedding_scale = b.config.number("scale_emb", 1);
  const double branch = b.config.number("scale_depth", 1) / std::sqrt(layers);
  b.spec.logit_scale = b.config.number("dim_model_base", width) / width;
  for (LayerSpec& layer : b.spec.layers) layer.branch_scale = branch;
  add_separate_attention(b);
  add_frame(b, false, true);
}

void build_seed_oss(SpecBuilder& b) {
  b.read_sizes({.default_kv_heads = 8, .default_head_dim = 128});
  b.config.ignore({"residual_dropout"});
  b.add_rope();
  add_separate_attention(b, {b.config.boolean("attention_bias", true), b.config.boolean("attention_out_bias", false)});
  add_frame(b, b.config.boolean("mlp_bias", false));
}

// Heads are normed behind RoPE.
void build_hunyuan(SpecBuilder& b) {
  b.read_sizes();
  b.config.ignore({"eod_token_id", "attention_head_dim", "add_classification_head", "class_num", "dense_list",
                   "pool_type", "org_vocab_size", "norm_type", "use_qk_norm", "use_rotary_pos_emb", "mlp_bias"});
  b.add_rope();
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_head_norms(b, "model.layers.{}.self_attn.query_layernorm", "model.layers.{}.self_attn.key_layernorm");
  for (LayerSpec& layer : b.spec.layers) layer.attention.qk_norm->after_rope = true;
  add_frame(b);
}

void build_ernie(SpecBuilder& b) {
  b.read_sizes({.default_kv_heads = 2, .default_head_dim = 128});
  b.add_rope(kAlways, {.default_theta = 5e5});
  const bool bias = b.config.boolean("use_bias", false);
  b.config.ignore({"compression_ratio", "fuse_linear", "fuse_ln", "fuse_rms_norm", "fuse_softmax_mask", "fuse_swiglu",
                   "hidden_dropout_prob", "max_sequence_length", "micro_batch_size", "num_nextn_predict_layers"});
  add_separate_attention(b, {bias, bias});
  b.interleaved_rope();
  add_frame(b, bias, true);
}

void build_apertus(SpecBuilder& b) {
  b.read_sizes({.default_activation = "xielu"});
  b.config.ignore({"qk_norm", "post_norm", "mlp_bias"});
  b.add_rope(kAlways, {.default_theta = 12e6});
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_head_norms(b, "model.layers.{}.self_attn.q_norm", "model.layers.{}.self_attn.k_norm");
  add_plain_mlp(b, "model.layers.{}.mlp.up_proj", "model.layers.{}.mlp.down_proj", false);
  if (b.spec.layers.front().mlp.activation == Activation::xielu) {
    b.tensor(Role::xielu_p, "model.layers.{}.mlp.act_fn.alpha_p");
    b.tensor(Role::xielu_n, "model.layers.{}.mlp.act_fn.alpha_n");
    b.tensor(Role::xielu_b, "model.layers.{}.mlp.act_fn.beta");
    b.ignore_tensors({"model.layers.*.mlp.act_fn.eps"});
  }
  const NormSpec norm = b.norm(NormKind::rms, "rms_norm_eps", 1e-5);
  for (LayerSpec& layer : b.spec.layers) layer.pre_attention_norm = layer.pre_mlp_norm = norm;
  b.spec.final_norm = norm;
  b.weight(Role::pre_attention_norm, "model.layers.{}.attention_layernorm");
  b.weight(Role::pre_mlp_norm, "model.layers.{}.feedforward_layernorm");
  add_ends(b);
}

void build_arcee(SpecBuilder& b) {
  b.read_sizes({.default_activation = "relu2"});
  b.add_rope();
  const bool bias = b.config.boolean("attention_bias", false);
  add_separate_attention(b, {bias, bias});
  add_plain_mlp(b, "model.layers.{}.mlp.up_proj", "model.layers.{}.mlp.down_proj", b.config.boolean("mlp_bias", false));
  add_pre_norms(b);
  add_ends(b);
}

constexpr std::array kLlamaFamilies = {
    FamilyRow{"apertus", "ApertusForCausalLM", build_apertus},
    FamilyRow{"arcee", "ArceeForCausalLM", build_arcee},
    FamilyRow{"ernie4_5", "Ernie4_5ForCausalLM", build_ernie},
    FamilyRow{"exaone", "ExaoneForCausalLM", build_exaone},
    FamilyRow{"granite", "GraniteForCausalLM", build_granite},
    FamilyRow{"hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM", build_hunyuan},
    FamilyRow{"internlm2", "InternLM2ForCausalLM", build_internlm2},
    FamilyRow{"llama", "LlamaForCausalLM", build_llama},
    FamilyRow{"minicpm", "MiniCPMForCausalLM", build_minicpm},
    FamilyRow{"mistral", "MistralForCausalLM", build_mistral},
    FamilyRow{"phi3", "Phi3ForCausalLM", build_phi3},
    FamilyRow{"qwen2", "Qwen2ForCausalLM", build_qwen2},
    FamilyRow{"qwen3", "Qwen3ForCausalLM", build_qwen3},
    FamilyRow{"seed_oss", "SeedOssForCausalLM", build_seed_oss},
    FamilyRow{"smollm3", "SmolLM3ForCausalLM", build_smollm3},
};

}  // namespace

std::span<const FamilyRow> llama_families() { return kLlamaFamilies; }

}  // namespace cortland
