#include "model/families/family.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cortland {

void add_separate_attention(SpecBuilder& b, AttentionBias bias, std::string_view output) {
  b.weight(Role::query, "model.layers.{}.self_attn.q_proj", bias.qkv);
  b.weight(Role::key, "model.layers.{}.self_attn.k_proj", bias.qkv);
  b.weight(Role::value, "model.layers.{}.self_attn.v_proj", bias.qkv);
  b.weight(Role::attention_output, "model.layers.{}.self_attn." + std::string(output), bias.output);
}

void add_gated_mlp(SpecBuilder& b, bool has_bias) {
  b.weight(Role::gate, "model.layers.{}.mlp.gate_proj", has_bias);
  b.weight(Role::up, "model.layers.{}.mlp.up_proj", has_bias);
  b.weight(Role::down, "model.layers.{}.mlp.down_proj", has_bias);
}

void add_plain_mlp(SpecBuilder& b, std::string_view up, std::string_view down, bool has_bias) {
  for (LayerSpec& layer : b.spec.layers) layer.mlp.gated = false;
  b.weight(Role::up, up, has_bias);
  b.weight(Role::down, down, has_bias);
}

void add_pre_norms(SpecBuilder& b, double offset) {
  const NormSpec norm = b.norm(NormKind::rms, "rms_norm_eps", 1e-6);
  for (LayerSpec& layer : b.spec.layers) layer.pre_attention_norm = layer.pre_mlp_norm = norm;
  b.spec.final_norm = norm;
  b.weight(Role::pre_attention_norm, "model.layers.{}.input_layernorm", false, offset);
  b.weight(Role::pre_mlp_norm, "model.layers.{}.post_attention_layernorm", false, offset);
}

void add_head_norms(SpecBuilder& b, std::string_view query, std::string_view key, double offset) {
  const NormSpec norm = b.norm(NormKind::rms, "rms_norm_eps", 1e-6);
  for (LayerSpec& layer : b.spec.layers) layer.attention.qk_norm = QkNormSpec{norm};
  b.weight(Role::query_norm, query, false, offset);
  b.weight(Role::key_norm, key, false, offset);
}

void add_ends(SpecBuilder& b, bool tied_by_default) {
  b.spec.tied_head = b.config.boolean("tie_word_embeddings", tied_by_default);
  b.ends("model.embed_tokens", "model.norm", "lm_head", {});
}

void set_windows(SpecBuilder& b, std::optional<int64_t> window, bool (*slides)(size_t layer)) {
  const Json* types = b.config.find_set("layer_types");
  const size_t count = b.spec.layers.size();
  if (types != nullptr && (!types->is_array() || types->size() != count)) {
    if (b.config.is_sound()) {
      b.config.reject(fmt::format("layer_types: want a list of {} entries, one per layer", count));
    }
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    bool sliding = window.has_value() && slides(i);
    if (types != nullptr) {
      const Json& type = (*types)[i];
      if (type != "sliding_attention" && type != "full_attention") {
        b.config.refuse(fmt::format("layer_types[{}]: {} is not supported; want full_attention or sliding_attention", i,
                                    printable(json_text(type))));
      }
      sliding = type == "sliding_attention";
    }
    if (sliding && !window) {
      b.config.reject("layer_types names sliding layers, but sliding_window is null");
      return;
    }
    b.spec.layers[i].attention.window = sliding ? window : std::nullopt;
  }
}

std::optional<int64_t> read_window(SpecBuilder& b, std::optional<int64_t> otherwise) {
  constexpr int64_t kMaxWindow = int64_t{1} << 40;
  if (b.config.find("sliding_window") == nullptr) return otherwise;
  if (b.config.find_set("sliding_window") == nullptr) return std::nullopt;
  return b.config.size("sliding_window", kMaxWindow);
}

}  // namespace cortland
