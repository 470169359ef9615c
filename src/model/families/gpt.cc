// Layer norms, plain feed-forward parts, fused projections; learned positions, ALiBi or partial rotation.
#include "model/families/family.h"

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cortland {
namespace {

constexpr double kEpsilon = 1e-5;

SizeKeys gpt2_sizes(std::string_view activation) {
  return {.width = "n_embd",
          .layers = "n_layer",
          .heads = "n_head",
          .kv_heads = "",
          .mlp_width = "n_inner",
          .positions = "n_positions",
          .activation = "activation_function",
          .default_activation = activation,
          .default_mlp_width = true};
}

void set_layer_norms(SpecBuilder& b, NormSpec norm, bool has_mlp_norm = true) {
  for (LayerSpec& layer : b.spec.layers) {
    layer.pre_attention_norm = norm;
    if (has_mlp_norm) layer.pre_mlp_norm = norm;
  }
  b.spec.final_norm = norm;
}

void add_positions(SpecBuilder& b, std::string_view pattern, int64_t offset = 0) {
  b.spec.position_rows = b.spec.max_positions + offset;
  b.spec.position_offset = offset;
  b.weight(Role::position_table, pattern);
}

// `transformer.h.N` with ln_1, attn, ln_2, mlp.c_fc and mlp.c_proj; `transformer.` may be missing.
void add_gpt2_frame(SpecBuilder& b) {
  set_layer_norms(b, b.norm(NormKind::layer, "layer_norm_epsilon", kEpsilon));
  b.weight(Role::pre_attention_norm, "transformer.h.{}.ln_1", true);
  b.weight(Role::pre_mlp_norm, "transformer.h.{}.ln_2", true);
  add_plain_mlp(b, "transformer.h.{}.mlp.c_fc", "transformer.h.{}.mlp.c_proj", true);
  add_positions(b, "transformer.wpe");
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.ends("transformer.wte", "transformer.ln_f", "lm_head", {.final_norm = true});
  b.spec.namings = {{}, {{"transformer.", ""}}};
  b.config.ignore({"n_ctx", "attn_pdrop", "summary_type", "summary_use_proj", "summary_activation",
                   "summary_proj_to_labels", "summary_first_dropout", "reorder_and_upcast_attn",
                   "predict_special_tokens", "output_past", "attention_softmax_in_fp32",
                   "scale_attention_softmax_in_fp32", "inference_runner", "pre_allocate_kv_cache",
                   "max_sequence_length", "max_batch_size", "pad_key_length", "validate_runner_input"});
  b.ignore_tensors({"*.attn.bias", "*.attn.masked_bias", "*.attn.attention.bias", "*.attn.attention.masked_bias"});
}

void unscale_scores(SpecBuilder& b) {
  for (LayerSpec& layer : b.spec.layers) layer.attention.score_scale = 1;
}

// Linear weights are stored [in, out].
void build_gpt2(SpecBuilder& b) {
  b.read_sizes(gpt2_sizes("gelu_new"));
  if (!b.config.boolean("scale_attn_weights", true)) unscale_scores(b);
  if (b.config.boolean("scale_attn_by_inverse_layer_idx", false)) {
    b.each_layer([](LayerSpec& layer, size_t i) { layer.attention.score_scale /= static_cast<double>(i + 1); });
  }
  b.fused_attention("transformer.h.{}.attn.c_attn", true, FusedRows::blocks);
  b.weight(Role::attention_output, "transformer.h.{}.attn.c_proj", true);
  add_gpt2_frame(b);
  b.transposed({Role::query, Role::key, Role::value, Role::attention_output, Role::up, Role::down});
}

void build_gpt_bigcode(SpecBuilder& b) {
  b.read_sizes(gpt2_sizes("gelu_pytorch_tanh"));
  if (!b.config.boolean("scale_attn_weights", true)) unscale_scores(b);
  const bool multi_query = b.config.boolean("multi_query", true);
  b.config.ignore({"num_key_value_heads"});  // it follows from multi_query
  if (multi_query) b.each_layer([](LayerSpec& layer, size_t) { layer.attention.kv_heads = 1; });
  b.fused_attention("transformer.h.{}.attn.c_attn", true, multi_query ? FusedRows::blocks : FusedRows::kv_groups);
  b.weight(Role::attention_output, "transformer.h.{}.attn.c_proj", true);
  add_gpt2_frame(b);
}

// attention_types: [[["global", "local"], 12]], each list so many times.
std::vector<bool> local_layers(SpecBuilder& b) {
  std::vector<bool> local;
  const Json* types = b.config.find_set("attention_types");
  const auto bad = [&] {
    b.config.reject("attention_types: want lists of \"global\" and \"local\" with a count each");
  };
  if (types == nullptr || !types->is_array()) {
    bad();
    return local;
  }
  for (const Json& item : *types) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_array() || !item[1].is_number_integer() || item[1] > 1024) {
      bad();
      return local;
    }
    for (int64_t i = 0; i < item[1].get<int64_t>(); ++i) {
      for (const Json& kind : item[0]) {
        if (kind != "global" && kind != "local") bad();
        local.push_back(kind == "local");
      }
    }
  }
  return local;
}

void build_gpt_neo(SpecBuilder& b) {
  constexpr int64_t kMaxWindow = 1 << 20, kDefaultWindow = 256;
  b.read_sizes({.layers = "num_layers",
                .heads = "num_heads",
                .kv_heads = "",
                .activation = "activation_function",
                .default_activation = "gelu_new",
                .default_mlp_width = true});
  b.config.ignore({"attention_layers", "resid_dropout", "embed_dropout", "classifier_dropout"});
  unscale_scores(b);
  const std::vector<bool> local = local_layers(b);
  const int64_t window = b.config.size("window_size", kMaxWindow, kDefaultWindow);
  if (local.size() == b.spec.layers.size()) {
    b.each_layer([&](LayerSpec& layer, size_t i) {
      if (local[i]) layer.attention.window = window;
    });
  } else if (b.config.is_sound()) {
    b.config.reject(fmt::format("attention_types: got {} layers, want {}", local.size(), b.spec.layers.size()));
  }
  b.weight(Role::query, "transformer.h.{}.attn.attention.q_proj");
  b.weight(Role::key, "transformer.h.{}.attn.attention.k_proj");
  b.weight(Role::value, "transformer.h.{}.attn.attention.v_proj");
  b.weight(Role::attention_output, "transformer.h.{}.attn.attention.out_proj", true);
  add_gpt2_frame(b);
}

void build_gptj(SpecBuilder& b) {
  SizeKeys keys = gpt2_sizes("gelu_new");
  b.read_sizes(keys);
  const int64_t dims = b.spec.layers.front().attention.head_dim;
  b.add_rope_dims(b.config.integer("rotary_dim", dims));
  for (LayerSpec& layer : b.spec.layers) layer.parallel = true;
  set_layer_norms(b, b.norm(NormKind::layer, "layer_norm_epsilon", kEpsilon), false);
  b.weight(Role::pre_attention_norm, "transformer.h.{}.ln_1", true);
  b.weight(Role::query, "transformer.h.{}.attn.q_proj");
  b.weight(Role::key, "transformer.h.{}.attn.k_proj");
  b.weight(Role::value, "transformer.h.{}.attn.v_proj");
  b.weight(Role::attention_output, "transformer.h.{}.attn.out_proj");
  add_plain_mlp(b, "transformer.h.{}.mlp.fc_in", "transformer.h.{}.mlp.fc_out", true);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("transformer.wte", "transformer.ln_f", "lm_head", {.final_norm = true, .head = true});
  b.interleaved_rope();
  b.config.ignore({"attn_pdrop", "n_ctx", "rotary", "scale_attn_weights", "summary_type", "summary_use_proj",
                   "summary_activation", "summary_proj_to_labels", "summary_first_dropout", "tokenizer_class"});
  b.ignore_tensors({"*.attn.bias", "*.attn.masked_bias", "*.embed_positions"});
}

void build_gpt_neox(SpecBuilder& b) {
  constexpr double kQuarter = 0.25;
  b.read_sizes({.kv_heads = "", .default_activation = "gelu"});
  b.config.ignore({"classifier_dropout", "hidden_dropout"});
  const double fraction = b.config.number("rotary_pct", b.rotary_fraction(kQuarter));
  b.add_rope(fraction, {.theta_key = b.config.find_set("rotary_emb_base") ? "rotary_emb_base" : "rope_theta"});
  b.config.ignore({"rope_theta", "rotary_emb_base"});
  const bool parallel = b.config.boolean("use_parallel_residual", true),
             bias = b.config.boolean("attention_bias", true);
  for (LayerSpec& layer : b.spec.layers) layer.parallel = parallel;
  set_layer_norms(b, b.norm(NormKind::layer, "layer_norm_eps", kEpsilon));
  b.weight(Role::pre_attention_norm, "gpt_neox.layers.{}.input_layernorm", true);
  b.weight(Role::pre_mlp_norm, "gpt_neox.layers.{}.post_attention_layernorm", true);
  b.fused_attention("gpt_neox.layers.{}.attention.query_key_value", bias, FusedRows::kv_groups);
  b.weight(Role::attention_output, "gpt_neox.layers.{}.attention.dense", bias);
  add_plain_mlp(b, "gpt_neox.layers.{}.mlp.dense_h_to_4h", "gpt_neox.layers.{}.mlp.dense_4h_to_h", true);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", false);
  b.ends("gpt_neox.embed_in", "gpt_neox.final_layer_norm", "embed_out", {.final_norm = true});
  b.ignore_tensors({"*.attention.bias", "*.attention.masked_bias", "*.attention.rotary_emb.inv_freq"});
}

// The table of positions has two more rows in front; norms may lie behind the sums.
void build_opt(SpecBuilder& b) {
  constexpr int64_t kMaxWidth = 1 << 20, kReservedRows = 2;
  b.read_sizes(
      {.kv_heads = "", .mlp_width = "ffn_dim", .activation = "activation_function", .default_activation = "relu"});
  b.config.ignore({"dropout", "activation_dropout", "layerdrop", "init_std", "prefix"});
  b.spec.embedding_width = b.config.size("word_embed_proj_dim", kMaxWidth, b.spec.width);
  const bool bias = b.config.boolean("enable_bias", true), before = b.config.boolean("do_layer_norm_before", true);
  if (!b.config.boolean("layer_norm_elementwise_affine", true)) {
    b.config.refuse("layer_norm_elementwise_affine: false is not supported");
  }
  const bool is_removed = b.config.boolean("_remove_final_layer_norm", false), has_final = before && !is_removed;
  const NormSpec norm{NormKind::layer, kEpsilon};
  for (LayerSpec& layer : b.spec.layers) {
    (before ? layer.pre_attention_norm : layer.attention_sum_norm) = norm;
    (before ? layer.pre_mlp_norm : layer.mlp_sum_norm) = norm;
  }
  b.weight(before ? Role::pre_attention_norm : Role::attention_sum_norm, "model.decoder.layers.{}.self_attn_layer_norm",
           true);
  b.weight(before ? Role::pre_mlp_norm : Role::mlp_sum_norm, "model.decoder.layers.{}.final_layer_norm", true);
  b.weight(Role::query, "model.decoder.layers.{}.self_attn.q_proj", bias);
  b.weight(Role::key, "model.decoder.layers.{}.self_attn.k_proj", bias);
  b.weight(Role::value, "model.decoder.layers.{}.self_attn.v_proj", bias);
  b.weight(Role::attention_output, "model.decoder.layers.{}.self_attn.out_proj", bias);
  add_plain_mlp(b, "model.decoder.layers.{}.fc1", "model.decoder.layers.{}.fc2", bias);
  add_positions(b, "model.decoder.embed_positions", kReservedRows);
  if (b.spec.embedding_width != b.spec.width) {
    b.weight(Role::embedding_projection, "model.decoder.project_in");
    b.weight(Role::head_projection, "model.decoder.project_out");
  }
  if (has_final) b.spec.final_norm = norm;
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.ends("model.decoder.embed_tokens", "model.decoder.final_layer_norm", "lm_head", {.final_norm = true});
  b.spec.namings = {{}, {{"model.decoder.", "decoder."}}};
}

void set_alibi(SpecBuilder& b, double scale) {
  std::vector<double> slopes = alibi_slopes(b.spec.layers.front().attention.heads);
  for (double& slope : slopes) slope *= scale;
  for (LayerSpec& layer : b.spec.layers) layer.attention.alibi_slopes = slopes;
}

void build_bloom(SpecBuilder& b) {
  b.read_sizes({.width = b.config.find_set("n_embed") ? "n_embed" : "hidden_size",
                .layers = "n_layer",
                .heads = b.config.find_set("n_head") ? "n_head" : "num_attention_heads",
                .kv_heads = "",
                .mlp_width = "n_inner",
                .positions = "seq_length",
                .activation = "activation_function",
                .default_activation = "gelu_pytorch_tanh",
                .default_positions = 2048,
                .default_mlp_width = true});
  b.config.ignore({"hidden_size", "num_attention_heads", "attention_softmax_in_fp32", "bias_dropout_fusion",
                   "hidden_dropout", "masked_softmax_fusion", "offset_alibi", "skip_bias_add", "skip_bias_add_qkv",
                   "slow_but_exact", "unk_token_id", "tp_parallel", "use_flash_attn"});
  if (b.config.boolean("apply_residual_connection_post_layernorm", false)) {
    b.config.refuse("apply_residual_connection_post_layernorm: true is not supported");
  }
  set_alibi(b, 1);
  const NormSpec norm = b.norm(NormKind::layer, "layer_norm_epsilon", kEpsilon);
  set_layer_norms(b, norm);
  b.spec.embedding_norm = norm;
  b.weight(Role::embedding_norm, "transformer.word_embeddings_layernorm", true);
  b.weight(Role::pre_attention_norm, "transformer.h.{}.input_layernorm", true);
  b.weight(Role::pre_mlp_norm, "transformer.h.{}.post_attention_layernorm", true);
  b.fused_attention("transformer.h.{}.self_attention.query_key_value", true, FusedRows::kv_groups);
  b.weight(Role::attention_output, "transformer.h.{}.self_attention.dense", true);
  add_plain_mlp(b, "transformer.h.{}.mlp.dense_h_to_4h", "transformer.h.{}.mlp.dense_4h_to_h", true);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.ends("transformer.word_embeddings", "transformer.ln_f", "lm_head", {.final_norm = true});
  b.spec.namings = {{}, {{"transformer.", ""}}};
}

void build_mpt(SpecBuilder& b) {
  b.read_sizes({.width = "d_model",
                .layers = "n_layers",
                .heads = "n_heads",
                .kv_heads = "",
                .mlp_width = "",
                .positions = "max_seq_len",
                .activation = "",
                .default_activation = "gelu"});
  for (LayerSpec& layer : b.spec.layers) {
    layer.mlp.width = 4 * b.spec.width;  // as the class does, whatever the config says
  }
  b.config.ignore({"emb_pdrop", "expansion_ratio", "init_device", "learned_pos_emb", "verbose", "embedding_fraction",
                   "norm_type", "init_config", "tokenizer_name", "resid_pdrop", "fc_type", "use_cache", "ffn_config",
                   "use_pad_tok_in_ffn"});
  if (!b.config.boolean("no_bias", true)) b.config.refuse("no_bias: false is not supported");
  if (b.config.find_set("logit_scale") != nullptr) b.config.refuse("logit_scale: is not supported for mpt");
  set_alibi(b, 1);
  if (const Json* object = b.config.find_set("attn_config"); object != nullptr && object->is_object()) {
    ConfigReader attention(*object, "config.json: attn_config");
    attention.ignore({"attn_impl", "attn_pdrop", "attn_type", "attn_uses_sequence_id", "model_type"});
    if (attention.boolean("qk_ln", false)) attention.refuse("qk_ln: true is not supported");
    if (attention.boolean("prefix_lm", false)) attention.refuse("prefix_lm: true is not supported");
    if (!attention.boolean("alibi", true)) attention.refuse("alibi: false is not supported");
    if (attention.integer("alibi_bias_max", 8) != 8) attention.refuse("alibi_bias_max: want 8");
    const double clamp = attention.number("clip_qkv", 0), scale = attention.number("softmax_scale", 0);
    attention.ignore(kInertKeys);
    attention.finish();
    for (LayerSpec& layer : b.spec.layers) {
      if (clamp > 0) layer.attention.clamp = clamp;
      if (scale > 0) layer.attention.score_scale = scale;
    }
  }
  set_layer_norms(b, b.norm(NormKind::layer, "layer_norm_epsilon", kEpsilon));
  b.weight(Role::pre_attention_norm, "transformer.blocks.{}.norm_1");
  b.weight(Role::pre_mlp_norm, "transformer.blocks.{}.norm_2");
  b.fused_attention("transformer.blocks.{}.attn.Wqkv", false, FusedRows::blocks);
  b.weight(Role::attention_output, "transformer.blocks.{}.attn.out_proj");
  add_plain_mlp(b, "transformer.blocks.{}.ffn.up_proj", "transformer.blocks.{}.ffn.down_proj", false);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.ends("transformer.wte", "transformer.norm_f", "lm_head", {});
}

void build_falcon(SpecBuilder& b) {
  constexpr int64_t kMaxHeads = 1024;
  b.read_sizes({.kv_heads = "",
                .mlp_width = "ffn_hidden_size",
                .activation = "activation",
                .default_activation = "gelu",
                .default_positions = 2048,
                .default_mlp_width = true});
  b.config.ignore({"apply_residual_connection_post_layernorm", "hidden_dropout", "n_embed"});
  const bool grouped = b.config.boolean("new_decoder_architecture", false);
  const bool multi_query = b.config.boolean("multi_query", true), parallel = b.config.boolean("parallel_attn", true);
  const int64_t heads = b.spec.layers.front().attention.heads;
  const int64_t given = b.config.size("num_kv_heads", kMaxHeads, heads);
  const int64_t norms = b.config.integer("num_ln_in_parallel_attn", grouped ? 2 : 1);
  const bool two_norms = grouped && norms == 2, bias = b.config.boolean("bias", false);
  for (LayerSpec& layer : b.spec.layers) {
    layer.attention.kv_heads = grouped ? given : multi_query ? 1 : heads;
    layer.parallel = grouped || parallel;
  }
  if (heads % b.spec.layers.front().attention.kv_heads != 0) {
    b.config.reject(fmt::format("num_attention_heads {} is no multiple of num_kv_heads {}", heads, given));
    return;
  }
  if (b.config.boolean("alibi", false)) {
    set_alibi(b, b.spec.layers.front().attention.score_scale);  // added before the scores are scaled
    b.config.ignore({"rope_theta", "rope_scaling"});
  } else {
    b.add_rope();
  }
  set_layer_norms(b, b.norm(NormKind::layer, "layer_norm_epsilon", kEpsilon), two_norms || !parallel);
  b.weight(Role::pre_attention_norm, two_norms ? "transformer.h.{}.ln_attn" : "transformer.h.{}.input_layernorm", true);
  if (two_norms) b.weight(Role::pre_mlp_norm, "transformer.h.{}.ln_mlp", true);
  if (!parallel) b.weight(Role::pre_mlp_norm, "transformer.h.{}.post_attention_layernorm", true);
  b.fused_attention("transformer.h.{}.self_attention.query_key_value", bias,
                    !grouped && multi_query ? FusedRows::blocks : FusedRows::kv_groups);
  b.weight(Role::attention_output, "transformer.h.{}.self_attention.dense", bias);
  add_plain_mlp(b, "transformer.h.{}.mlp.dense_h_to_4h", "transformer.h.{}.mlp.dense_4h_to_h", bias);
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", true);
  b.ends("transformer.word_embeddings", "transformer.ln_f", "lm_head", {.final_norm = true});
}

constexpr std::array kGptFamilies = {
    FamilyRow{"bloom", "BloomForCausalLM", build_bloom},
    FamilyRow{"falcon", "FalconForCausalLM", build_falcon},
    FamilyRow{"gpt2", "GPT2LMHeadModel", build_gpt2},
    FamilyRow{"gpt_bigcode", "GPTBigCodeForCausalLM", build_gpt_bigcode},
    FamilyRow{"gpt_neo", "GPTNeoForCausalLM", build_gpt_neo},
    FamilyRow{"gpt_neox", "GPTNeoXForCausalLM", build_gpt_neox},
    FamilyRow{"gptj", "GPTJForCausalLM", build_gptj},
    FamilyRow{"mpt", "MptForCausalLM", build_mpt},
    FamilyRow{"opt", "OPTForCausalLM", build_opt},
};

}  // namespace

std::span<const FamilyRow> gpt_families() { return kGptFamilies; }

}  // namespace cortland
