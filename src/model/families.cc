// One row per model_type: how its config.json fills a spec and what its tensors are called.
#include "model/families.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/config.h"
#include "model/generation.h"
#include "model/rope.h"

namespace cortland {
namespace {

constexpr int64_t kMaxLayers = 1024;
constexpr int64_t kMaxHeads = 1024;
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxVocabulary = 1 << 24;
constexpr int64_t kMaxPositions = int64_t{1} << 40;

// A tensor name; {} is the layer.
struct TensorName {
  Role role;
  std::string_view pattern;
};

struct FamilyRow {
  std::string_view model_type;
  std::string_view architecture;
  void (*fill)(ConfigReader& config, ModelSpec& spec);
  std::span<const TensorName> tensors;
};

// Names that most families share.
constexpr std::array kCommonTensors = {
    TensorName{Role::embedding, "model.embed_tokens.weight"},
    TensorName{Role::query, "model.layers.{}.self_attn.q_proj.weight"},
    TensorName{Role::key, "model.layers.{}.self_attn.k_proj.weight"},
    TensorName{Role::value, "model.layers.{}.self_attn.v_proj.weight"},
    TensorName{Role::attention_output, "model.layers.{}.self_attn.o_proj.weight"},
    TensorName{Role::query_norm, "model.layers.{}.self_attn.q_norm.weight"},
    TensorName{Role::key_norm, "model.layers.{}.self_attn.k_norm.weight"},
    TensorName{Role::gate, "model.layers.{}.mlp.gate_proj.weight"},
    TensorName{Role::up, "model.layers.{}.mlp.up_proj.weight"},
    TensorName{Role::down, "model.layers.{}.mlp.down_proj.weight"},
    TensorName{Role::final_norm, "model.norm.weight"},
    TensorName{Role::head, "lm_head.weight"},
};

constexpr std::array kPostNormTensors = {
    TensorName{Role::post_attention_norm, "model.layers.{}.post_attention_layernorm.weight"},
    TensorName{Role::post_mlp_norm, "model.layers.{}.post_feedforward_layernorm.weight"},
};

// Numbers that must fit together.
void check_common(ConfigReader& config, const ModelSpec& spec) {
  const AttentionSpec& attention = spec.layers.front().attention;
  if (attention.heads % attention.kv_heads != 0) {
    config.reject(fmt::format("num_attention_heads {} is no multiple of num_key_value_heads {}", attention.heads,
                              attention.kv_heads));
  }
  if (attention.head_dim % 2 != 0) config.reject(fmt::format("head_dim: got {}, want an even number", attention.head_dim));
}

// Keys that every family reads the same way.
void fill_common(ConfigReader& config, ModelSpec& spec) {
  spec.width = config.size("hidden_size", kMaxWidth);
  spec.vocabulary = config.size("vocab_size", kMaxVocabulary);
  spec.max_positions = config.size("max_position_embeddings", kMaxPositions);
  spec.final_norm = {NormKind::rms, config.number("rms_norm_eps")};
  if (!(spec.final_norm.epsilon >= 0)) config.reject("rms_norm_eps: want a number that is not negative");
  spec.tied_head = config.boolean("tie_word_embeddings", false);
  read_token_ids(config, spec);
  const std::string activation = config.text("hidden_act", "silu");
  if (activation != "silu") {
    config.refuse(fmt::format("hidden_act: activation \"{}\" is not supported; want silu", printable(activation)));
  }
  if (const Json* quantization = config.find_set("quantization_config")) {
    const auto method = quantization->find("quant_method");
    config.refuse(fmt::format(
        "quantization_config: the checkpoint is quantized{}; want the original F16, BF16 or F32 weights",
        method != quantization->end() && method->is_string() ? " (" + printable(method->get<std::string>()) + ")" : ""));
  }
  config.ignore({"architectures", "model_type", "torch_dtype", "dtype", "transformers_version", "use_cache",
                 "initializer_range", "attention_dropout", "embd_pdrop", "resid_pdrop", "pad_token_id", "unk_token_id",
                 "sep_token_id", "_name_or_path", "_commit_hash", "_attn_implementation", "auto_map", "name_or_path",
                 "return_dict", "output_attentions", "output_hidden_states", "gradient_checkpointing", "id2label",
                 "label2id", "problem_type", "pretraining_tp", "task_specific_params"});

  const int64_t layers = config.size("num_hidden_layers", kMaxLayers);
  LayerSpec layer;
  AttentionSpec& attention = layer.attention;
  attention.heads = config.size("num_attention_heads", kMaxHeads);
  attention.kv_heads = config.size("num_key_value_heads", kMaxHeads, attention.heads);
  attention.head_dim = config.size("head_dim", kMaxWidth, std::max<int64_t>(1, spec.width / attention.heads));
  attention.score_scale = 1 / std::sqrt(static_cast<double>(attention.head_dim));
  layer.mlp.width = config.size("intermediate_size", kMaxWidth);
  spec.layers.assign(static_cast<size_t>(layers), layer);
  if (config.is_sound()) check_common(config, spec);
}

// Which layers slide, by layer_types or by sliding_window_pattern.
std::vector<bool> sliding_layers(ConfigReader& config, size_t layers, std::optional<int64_t> window) {
  constexpr int64_t kDefaultPattern = 4;  // of a config that does not have the key
  std::vector<bool> sliding(layers, false);
  const Json* pattern = config.find("sliding_window_pattern");
  if (const Json* types = config.find_set("layer_types")) {
    if (!types->is_array() || types->size() != layers) {
      if (config.is_sound()) config.reject(fmt::format("layer_types: want a list of {} entries, one per layer", layers));
      return sliding;
    }
    for (size_t i = 0; i < layers; ++i) {
      const Json& type = (*types)[i];
      if (type != "sliding_attention" && type != "full_attention") {
        config.refuse(fmt::format("layer_types[{}]: {} is not supported; want full_attention or sliding_attention", i,
                                  printable(type.dump())));
      }
      sliding[i] = type == "sliding_attention";
    }
    if (!window && std::find(sliding.begin(), sliding.end(), true) != sliding.end()) {
      config.reject("layer_types names sliding layers, but sliding_window is null");
    }
  } else if (!window) {
    return sliding;
  } else if (pattern != nullptr && pattern->is_null()) {
    config.refuse("sliding_window_pattern: null next to a sliding_window does not say which layers slide");
  } else if (pattern != nullptr && pattern->is_string()) {
    const auto letters = pattern->get<std::string>();
    if (letters.empty() || letters.find_first_not_of("LG") != std::string::npos) {
      config.reject(fmt::format("sliding_window_pattern: got \"{}\", want letters L (sliding) and G (full)",
                                printable(letters)));
      return sliding;
    }
    // The last layer is always full in this form.
    for (size_t i = 0; i + 1 < layers; ++i) sliding[i] = letters[i % letters.size()] == 'L';
  } else {
    const auto period = static_cast<size_t>(config.size("sliding_window_pattern", kMaxLayers, kDefaultPattern));
    for (size_t i = 0; i < layers; ++i) sliding[i] = (i + 1) % period != 0;
  }
  return sliding;
}

// EXAONE 4.0: norms behind each half of a layer and on each query and key head; with a sliding window, the full layers
// have no position encoding.
void fill_exaone4(ConfigReader& config, ModelSpec& spec) {
  fill_common(config, spec);
  constexpr int64_t kDefaultWindow = 4096;  // of a config that does not have the key; null means none
  const bool slides = config.find("sliding_window") == nullptr || config.find_set("sliding_window") != nullptr;
  std::optional<int64_t> window;
  if (slides) window = config.size("sliding_window", kMaxPositions, kDefaultWindow);
  const std::vector<bool> sliding = sliding_layers(config, spec.layers.size(), window);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (sliding[i]) spec.layers[i].attention.window = window;
  }
  const NormSpec norm = spec.final_norm;
  bool rotates = false;
  for (LayerSpec& layer : spec.layers) {
    layer.attention.qk_norm = norm;
    layer.post_attention_norm = norm;
    layer.post_mlp_norm = norm;
    if (!slides || layer.attention.window) {
      layer.attention.rope = 0;
      rotates = true;
    }
  }
  const RopeTable table = read_rope_table(config, slides ? "sliding_attention" : "full_attention",
                                          spec.layers.front().attention.head_dim);
  if (rotates) spec.rope_tables = {table};
}

constexpr std::array kFamilies = {
    FamilyRow{"exaone4", "Exaone4ForCausalLM", fill_exaone4, kPostNormTensors},
};

Shape shape_of(Role role, const ModelSpec& spec, const LayerSpec& layer) {
  const int64_t queries = layer.attention.heads * layer.attention.head_dim;
  const int64_t keys = layer.attention.kv_heads * layer.attention.head_dim;
  switch (role) {
    case Role::embedding:
    case Role::head: return {spec.vocabulary, spec.width};
    case Role::query: return {queries, spec.width};
    case Role::key:
    case Role::value: return {keys, spec.width};
    case Role::attention_output: return {spec.width, queries};
    case Role::query_norm:
    case Role::key_norm: return {layer.attention.head_dim};
    case Role::gate:
    case Role::up: return {layer.mlp.width, spec.width};
    case Role::down: return {spec.width, layer.mlp.width};
    case Role::pre_attention_norm:
    case Role::post_attention_norm:
    case Role::pre_mlp_norm:
    case Role::post_mlp_norm:
    case Role::final_norm: return {spec.width};
  }
  return {};
}

// Whether a layer of the spec has a parameter of the role.
bool has_parameter(Role role, const LayerSpec& layer) {
  switch (role) {
    case Role::query_norm:
    case Role::key_norm: return layer.attention.qk_norm.has_value();
    case Role::pre_attention_norm: return layer.pre_attention_norm.has_value();
    case Role::post_attention_norm: return layer.post_attention_norm.has_value();
    case Role::pre_mlp_norm: return layer.pre_mlp_norm.has_value();
    case Role::post_mlp_norm: return layer.post_mlp_norm.has_value();
    default: return true;
  }
}

void add_parameters(std::span<const TensorName> tensors, ModelSpec& spec) {
  for (const TensorName& tensor : tensors) {
    const bool per_layer = tensor.pattern.find("{}") != std::string_view::npos;
    if (!per_layer) {
      if (tensor.role == Role::head && spec.tied_head) {
        spec.ignored_tensors.emplace_back(tensor.pattern);  // a stale copy of the embedding
      } else {
        spec.parameters.push_back(
            {tensor.role, -1, std::string(tensor.pattern), shape_of(tensor.role, spec, spec.layers.front())});
      }
      continue;
    }
    for (size_t i = 0; i < spec.layers.size(); ++i) {
      if (!has_parameter(tensor.role, spec.layers[i])) continue;
      spec.parameters.push_back({tensor.role, static_cast<int64_t>(i), fmt::format(fmt::runtime(tensor.pattern), i),
                                 shape_of(tensor.role, spec, spec.layers[i])});
    }
  }
}

const FamilyRow& find_family(const Json& config) {
  const auto it = config.is_object() ? config.find("model_type") : config.end();
  require(config.is_object() && it != config.end() && it->is_string(), ErrorCode::corrupt,
          "config.json: key \"model_type\" is missing; want the config.json of a Hugging Face checkpoint");
  const auto type = it->get<std::string>();
  for (const FamilyRow& row : kFamilies) {
    if (row.model_type == type) return row;
  }
  const bool remote = config.contains("auto_map");
  fail(ErrorCode::unsupported, "config.json: model_type \"{}\" is not supported; want {}{}", printable(type),
       fmt::join(family_names(), ", "), remote ? " (code that comes with a checkpoint is never executed)" : "");
}

}  // namespace

ModelSpec read_spec(const Json& json) {
  const FamilyRow& family = find_family(json);
  ConfigReader config(json);
  ModelSpec spec;
  spec.model_type = family.model_type;
  family.fill(config, spec);
  if (const Json* names = config.find_set("architectures")) {
    const bool listed = names->is_array() && std::find(names->begin(), names->end(), family.architecture) != names->end();
    if (!listed) {
      config.refuse(fmt::format("architectures: got {}, want {}", printable(names->dump()), family.architecture));
    }
  }
  config.finish();
  add_parameters(kCommonTensors, spec);
  add_parameters(family.tensors, spec);
  return spec;
}

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const FamilyRow& row : kFamilies) names.emplace_back(row.model_type);
  return names;
}

}  // namespace cortland
