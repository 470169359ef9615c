#include "model/gguf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/families.h"
#include "model/spec_builder.h"

namespace cortland {
namespace {

struct Architecture {
  std::string_view name;          // general.architecture
  std::string_view model_type;    // the family of the same mathematics
  bool interleaved = false;       // rotary pairs are neighbours
  bool transposed = false;        // linear weights that the family stores [in, out] are [out, in] here
  bool whole_gains = false;       // gains that the family stores as w - 1 are w here
};

constexpr std::array kArchitectures = {
    Architecture{"llama", "llama", true},
    Architecture{"qwen2", "qwen2"},
    Architecture{"qwen3", "qwen3"},
    Architecture{"exaone", "exaone"},
    Architecture{"exaone4", "exaone4"},
    Architecture{"gemma2", "gemma2", false, false, true},
    Architecture{"gemma3", "gemma3_text", false, false, true},
    Architecture{"phi3", "phi3"},
    Architecture{"gpt2", "gpt2", false, true},
};

const Architecture& find_architecture(const Json& metadata, const std::string& where) {
  const auto it = metadata.find("general.architecture");
  require(it != metadata.end() && it->is_string(), ErrorCode::corrupt, "{}: key general.architecture is missing",
          where);
  const auto name = it->get<std::string>();
  std::vector<std::string_view> known;
  for (const Architecture& row : kArchitectures) {
    if (row.name == name) return row;
    known.push_back(row.name);
  }
  fail(ErrorCode::unsupported, "{}: architecture \"{}\" is not supported in GGUF files; want {}", where,
       printable(name), fmt::join(known, ", "));
}

struct KeyName {
  std::string_view gguf, config;
};

// Behind the name of the architecture, and what config.json calls them in most families.
constexpr std::array kKeys = {
    KeyName{"block_count", "num_hidden_layers"},
    KeyName{"embedding_length", "hidden_size"},
    KeyName{"feed_forward_length", "intermediate_size"},
    KeyName{"attention.head_count", "num_attention_heads"},
    KeyName{"attention.head_count_kv", "num_key_value_heads"},
    KeyName{"attention.key_length", "head_dim"},
    KeyName{"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    KeyName{"attention.layer_norm_epsilon", "layer_norm_epsilon"},
    KeyName{"attention.sliding_window", "sliding_window"},
    KeyName{"context_length", "max_position_embeddings"},
    KeyName{"rope.freq_base", "rope_theta"},
    KeyName{"attn_logit_softcapping", "attn_logit_softcapping"},
    KeyName{"final_logit_softcapping", "final_logit_softcapping"},
};

// The same keys where a family has others.
constexpr std::array kExaoneKeys = {KeyName{"num_hidden_layers", "num_layers"},
                                    KeyName{"rms_norm_eps", "layer_norm_epsilon"}};
constexpr std::array kGpt2Keys = {
    KeyName{"num_hidden_layers", "n_layer"}, KeyName{"hidden_size", "n_embd"}, KeyName{"intermediate_size", "n_inner"},
    KeyName{"num_attention_heads", "n_head"}, KeyName{"max_position_embeddings", "n_positions"}};

std::span<const KeyName> own_keys(std::string_view model_type) {
  if (model_type == "exaone") return kExaoneKeys;
  if (model_type == "gpt2") return kGpt2Keys;
  return {};
}

// Numbers of rotary frequencies that a file holds as a tensor; empty: it does not.
std::vector<float> factors(const Checkpoint& checkpoint, const char* tensor) {
  const TensorEntry* entry = checkpoint.find(tensor);
  if (entry == nullptr) return {};
  constexpr int64_t kMaxFactors = 1 << 16;
  require(element_count(entry->shape) <= kMaxFactors, ErrorCode::corrupt,
          "{}: tensor {}: got {}, want a number for each frequency", checkpoint.folder(), tensor,
          to_string(entry->shape));
  std::vector<float> values(static_cast<size_t>(element_count(entry->shape)));
  checkpoint.read_floats(*entry, 0, values);
  return values;
}

// A llama3 scaling is stored as what it divides each frequency by.
void divide_frequencies(const Checkpoint& checkpoint, ModelSpec& spec) {
  const std::vector<float> divisors = factors(checkpoint, "rope_freqs.weight");
  if (divisors.empty()) return;
  for (RopeTable& table : spec.rope_tables) {
    require(divisors.size() == table.inv_freq.size(), ErrorCode::corrupt,
            "{}: tensor rope_freqs.weight: got {} numbers, want {}", checkpoint.folder(), divisors.size(),
            table.inv_freq.size());
    table.kind = "llama3";
    for (size_t i = 0; i < divisors.size(); ++i) table.inv_freq[i] /= static_cast<double>(divisors[i]);
  }
}

// One translation of metadata.
class ConfigMaker {
 public:
  ConfigMaker(const Checkpoint& checkpoint, const Architecture& architecture)
      : checkpoint_(checkpoint), metadata_(*checkpoint.metadata()), architecture_(architecture) {}

  Json make() {
    config_ = {{"model_type", architecture_.model_type}};
    for (const auto& [gguf, name] : kKeys) {
      if (const Json* value = find(gguf)) config_[std::string(name)] = *value;
    }
    set_vocabulary();
    config_["tie_word_embeddings"] = checkpoint_.find("output.weight") == nullptr;
    for (const auto& [gguf, name] :
         {KeyName{"bos_token_id", "bos_token_id"}, KeyName{"eos_token_id", "eos_token_id"}}) {
      const auto it = metadata_.find("tokenizer.ggml." + std::string(gguf));
      if (it != metadata_.end()) config_[std::string(name)] = *it;
    }
    set_rope();
    set_family();
    for (const auto& [usual, own] : own_keys(architecture_.model_type)) {
      if (!config_.contains(usual)) continue;
      config_[std::string(own)] = config_[std::string(usual)];
      config_.erase(std::string(usual));
    }
    return config_;
  }

 private:
  const Json* find(std::string_view key) const {
    const auto it = metadata_.find(std::string(architecture_.name) + "." + std::string(key));
    return it == metadata_.end() ? nullptr : &*it;
  }

  void set_vocabulary() {
    const TensorEntry* embedding = checkpoint_.find("token_embd.weight");
    if (embedding != nullptr && !embedding->shape.empty()) config_["vocab_size"] = embedding->shape.front();
  }

  void set_rope() {
    Json scaling = Json::object();
    if (const Json* type = find("rope.scaling.type")) scaling["rope_type"] = *type;
    if (const Json* factor = find("rope.scaling.factor")) scaling["factor"] = *factor;
    if (const Json* original = find("rope.scaling.original_context_length")) {
      scaling["original_max_position_embeddings"] = *original;
    }
    const std::vector<float> longer = factors(checkpoint_, "rope_factors_long.weight");
    const std::vector<float> shorter = factors(checkpoint_, "rope_factors_short.weight");
    if (!longer.empty() && !shorter.empty()) {
      scaling["rope_type"] = "longrope";
      scaling["long_factor"] = longer;
      scaling["short_factor"] = shorter;
      if (const Json* growth = find("rope.scaling.attn_factor")) scaling["attention_factor"] = *growth;
    }
    const bool has_kind = scaling.contains("rope_type") && scaling["rope_type"] != "none";
    if (has_kind) config_["rope_scaling"] = scaling;
    const Json* dims = find("rope.dimension_count");
    const int64_t heads = number("num_attention_heads"), width = number("hidden_size");
    const int64_t head_dim = config_.contains("head_dim") ? number("head_dim") : heads > 0 ? width / heads : 0;
    if (dims != nullptr && dims->is_number_integer() && head_dim > 0 && *dims != head_dim) {
      config_["partial_rotary_factor"] = dims->get<double>() / static_cast<double>(head_dim);
    }
  }

  void set_family() {
    const std::string_view type = architecture_.model_type;
    if (type == "qwen2" || type == "qwen3") config_.erase("sliding_window");
    if (type == "gpt2") config_.erase("num_key_value_heads");
    if (type == "llama") {
      config_.erase("sliding_window");
      config_["attention_bias"] = checkpoint_.find("blk.0.attn_q.bias") != nullptr;
      config_["mlp_bias"] = checkpoint_.find("blk.0.ffn_down.bias") != nullptr;
    }
    if (type == "exaone4" && !config_.contains("sliding_window")) config_["sliding_window"] = nullptr;
    // The 27B models scale by the width of the model, which GGUF files do not say.
    if (type == "gemma2" || type == "gemma3_text") {
      const bool is_large = number("num_hidden_layers") == (type == "gemma2" ? 46 : 62);
      const int64_t heads = std::max<int64_t>(1, number("num_attention_heads"));
      config_["query_pre_attn_scalar"] = is_large ? number("hidden_size") / heads : number("head_dim");
    }
  }

  int64_t number(const char* key) const {
    const auto it = config_.find(key);
    return it != config_.end() && it->is_number_integer() ? it->get<int64_t>() : 0;
  }

  const Checkpoint& checkpoint_;
  const Json& metadata_;
  const Architecture& architecture_;
  Json config_;
};

struct RoleTensor {
  Role role;
  std::string_view name;  // {} is the layer
};

constexpr std::array kNames = {
    RoleTensor{Role::embedding, "token_embd"},
    RoleTensor{Role::position_table, "position_embd"},
    RoleTensor{Role::query, "blk.{}.attn_q"},
    RoleTensor{Role::key, "blk.{}.attn_k"},
    RoleTensor{Role::value, "blk.{}.attn_v"},
    RoleTensor{Role::attention_output, "blk.{}.attn_output"},
    RoleTensor{Role::query_norm, "blk.{}.attn_q_norm"},
    RoleTensor{Role::key_norm, "blk.{}.attn_k_norm"},
    RoleTensor{Role::gate, "blk.{}.ffn_gate"},
    RoleTensor{Role::up, "blk.{}.ffn_up"},
    RoleTensor{Role::down, "blk.{}.ffn_down"},
    RoleTensor{Role::pre_attention_norm, "blk.{}.attn_norm"},
    RoleTensor{Role::post_attention_norm, "blk.{}.post_attention_norm"},
    RoleTensor{Role::pre_mlp_norm, "blk.{}.ffn_norm"},
    RoleTensor{Role::post_mlp_norm, "blk.{}.post_ffw_norm"},
    RoleTensor{Role::final_norm, "output_norm"},
    RoleTensor{Role::head, "output"},
};

// A part of a tensor that holds more than one parameter.
bool is_fused(const Parameter& p) { return !p.rows.empty() && p.stored[0] != p.shape[0]; }

void rename(const Architecture& architecture, Parameter& p) {
  const auto row = std::find_if(kNames.begin(), kNames.end(), [&](const RoleTensor& r) { return r.role == p.id.role; });
  require(row != kNames.end(), ErrorCode::unsupported, "{} is not part of a GGUF file", to_string(p.id));
  std::string_view pattern = row->name;
  const bool is_attention = p.id.role == Role::query || p.id.role == Role::key || p.id.role == Role::value;
  if (architecture.transposed && p.transposed) {
    p.transposed = false;
    std::swap(p.stored[0], p.stored[1]);
  }
  if (is_fused(p)) pattern = is_attention ? "blk.{}.attn_qkv" : "blk.{}.ffn_up";
  if (architecture.whole_gains) p.offset = 0;
  p.tensors = {fmt::format(fmt::runtime(pattern), p.id.layer) + (p.id.part == Part::bias ? ".bias" : ".weight")};
}

}  // namespace

ModelSpec read_gguf_spec(const Checkpoint& checkpoint) {
  const Architecture& architecture = find_architecture(*checkpoint.metadata(), checkpoint.folder());
  ModelSpec spec = read_spec(ConfigMaker(checkpoint, architecture).make(), checkpoint.folder());
  for (Parameter& p : spec.parameters) rename(architecture, p);
  if (architecture.interleaved) interleave_rope(spec);
  divide_frequencies(checkpoint, spec);
  spec.namings.clear();
  spec.ignored_tensors = {"rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"};
  return spec;
}

}  // namespace cortland
