#include "model/families.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "checkpoint/packing.h"
#include "model/config.h"
#include "model/families/family.h"

namespace cortland {
namespace {

constexpr std::array kRefused = {
    RefusedFamily{"deepseek_v2", "multi-head latent attention and a mixture of experts"},
    RefusedFamily{"deepseek_v3", "multi-head latent attention and a mixture of experts"},
    RefusedFamily{"exaone_moe", "a mixture of experts"},
    RefusedFamily{"falcon_h1", "state-space layers"},
    RefusedFamily{"gemma3n", "layers that share key/value caches and per-layer embeddings"},
    RefusedFamily{"gpt_oss", "a mixture of experts"},
    RefusedFamily{"granitemoe", "a mixture of experts"},
    RefusedFamily{"jamba", "state-space layers and a mixture of experts"},
    RefusedFamily{"lfm2", "short-convolution layers"},
    RefusedFamily{"llama4", "a mixture of experts"},
    RefusedFamily{"mamba", "state-space layers"},
    RefusedFamily{"mamba2", "state-space layers"},
    RefusedFamily{"mixtral", "a mixture of experts"},
    RefusedFamily{"olmoe", "a mixture of experts"},
    RefusedFamily{"phimoe", "a mixture of experts"},
    RefusedFamily{"qwen2_moe", "a mixture of experts"},
    RefusedFamily{"qwen3_5", "linear-attention layers"},
    RefusedFamily{"qwen3_moe", "a mixture of experts"},
    RefusedFamily{"qwen3_next", "linear-attention layers and a mixture of experts"},
    RefusedFamily{"recurrent_gemma", "recurrent layers"},
    RefusedFamily{"rwkv", "recurrent layers"},
    RefusedFamily{"t5", "an encoder: only decoders are converted"},
};

std::vector<FamilyRow> all_rows() {
  std::vector<FamilyRow> rows;
  for (const auto list :
       {llama_families(), post_norm_families(), gemma_families(), layer_norm_families(), gpt_families()}) {
    rows.insert(rows.end(), list.begin(), list.end());
  }
  return rows;
}

const FamilyRow* find_row(std::string_view model_type) {
  static const std::vector<FamilyRow> rows = all_rows();
  const auto it =
      std::find_if(rows.begin(), rows.end(), [&](const FamilyRow& row) { return row.model_type == model_type; });
  return it == rows.end() ? nullptr : &*it;
}

const CompositeRow* find_composite(std::string_view model_type) {
  const auto rows = composite_families();
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.model_type == model_type; });
  return it == rows.end() ? nullptr : &*it;
}

std::string model_type_of(const Json& config) {
  const auto it = config.is_object() ? config.find("model_type") : config.end();
  require(config.is_object() && it != config.end() && it->is_string(), ErrorCode::corrupt,
          "config.json: key \"model_type\" is missing; want the config.json of a Hugging Face checkpoint");
  return it->get<std::string>();
}

[[noreturn]] void refuse_type(const std::string& type, bool has_code) {
  const auto known =
      std::find_if(kRefused.begin(), kRefused.end(), [&](const auto& row) { return row.model_type == type; });
  require(known == kRefused.end(), ErrorCode::unsupported, "config.json: model_type \"{}\" is not supported: it has {}",
          printable(type), known == kRefused.end() ? "" : known->reason);
  fail(ErrorCode::unsupported,
       "config.json: model_type \"{}\" is not supported; want {}{}; hint: `cortland models` lists them",
       printable(type), fmt::join(family_names(), ", "),
       has_code ? " (code that comes with a checkpoint is never executed)" : "");
}

void check_architecture(ConfigReader& config, std::string_view wanted) {
  const Json* names = config.find_set("architectures");
  if (names == nullptr) return;
  const bool listed = names->is_array() && std::find(names->begin(), names->end(), wanted) != names->end();
  if (!listed) config.refuse(fmt::format("architectures: got {}, want {}", printable(names->dump()), wanted));
}

void check_quantization(ConfigReader& config) {
  const Json* quantization = config.find_set("quantization_config");
  if (quantization == nullptr) return;
  std::vector<std::string> reasons;
  read_packing(*quantization, reasons);
  for (std::string& reason : reasons) config.refuse(std::move(reason));
}

ModelSpec read_text_part(const Json& json, const CompositeRow& composite) {
  const auto text = json.find("text_config");
  require(text != json.end() && text->is_object(), ErrorCode::corrupt,
          "config.json: key \"text_config\" is missing; want an object");
  Json merged = *text;
  // Keys of the whole model that the text part may leave out.
  for (const char* key : {"tie_word_embeddings", "bos_token_id", "eos_token_id", "quantization_config"}) {
    if (json.contains(key) && !merged.contains(key)) merged[key] = json[key];
  }
  merged.erase("architectures");
  merged.erase("num_nextn_predict_layers");
  // Entries behind the last layer belong to layers that predict more than one token.
  if (merged.contains("layer_types") && merged.contains("num_hidden_layers") && merged["layer_types"].is_array() &&
      merged["num_hidden_layers"].is_number_unsigned()) {
    Json& types = merged["layer_types"];
    const auto layers = merged["num_hidden_layers"].get<size_t>();
    while (types.size() > layers) types.erase(types.size() - 1);
  }
  merged["model_type"] = composite.text_type;
  ModelSpec spec = read_spec(merged);
  spec.model_type = composite.model_type;
  spec.namings = {{{"model.", "model.language_model."}},
                  {{"model.", "language_model.model."}, {"lm_head.", "language_model.lm_head."}},
                  {}};
  for (const std::string_view pattern : composite.ignored_tensors) spec.ignored_tensors.emplace_back(pattern);
  ConfigReader whole(json);
  check_architecture(whole, composite.architecture);
  whole.check();
  return spec;
}

}  // namespace

ModelSpec read_spec(const Json& json, std::string_view file) {
  const std::string type = model_type_of(json);
  if (const CompositeRow* composite = find_composite(type)) return read_text_part(json, *composite);
  const FamilyRow* family = find_row(type);
  if (family == nullptr) refuse_type(type, json.contains("auto_map"));
  ConfigReader config(json, file);
  check_quantization(config);
  check_architecture(config, family->architecture);
  config.ignore(kInertKeys);
  SpecBuilder builder(config, type);
  family->build(builder);
  config.finish();
  return std::move(builder.spec);
}

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const FamilyRow& row : all_rows()) names.emplace_back(row.model_type);
  for (const CompositeRow& row : composite_families()) names.emplace_back(row.model_type);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<RefusedFamily> refused_families() { return {kRefused.begin(), kRefused.end()}; }

}  // namespace cortland
