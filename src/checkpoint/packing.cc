#include "checkpoint/packing.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cortland {
namespace {

// Look-ups in an object, with what is wrong as reasons.
class Section {
 public:
  Section(const Json& json, std::string where, std::vector<std::string>& reasons)
      : json_(json), where_(std::move(where)), reasons_(reasons) {}

  // nullptr when the key is missing, null, or an empty object or list.
  const Json* find(const char* key) const {
    const auto it = json_.find(key);
    return it == json_.end() || it->empty() ? nullptr : &*it;
  }
  void refuse(const char* key, const Json& got, std::string_view want) const {
    reasons_.push_back(fmt::format("{}.{}: got {}, want {}", where_, key, printable(json_text(got)), want));
  }
  std::string text(const char* key, std::string otherwise) const {
    const Json* value = find(key);
    if (value == nullptr) return otherwise;
    if (!value->is_string()) refuse(key, *value, "a text");
    return value->is_string() ? value->get<std::string>() : otherwise;
  }
  // One of these texts.
  void want(const char* key, std::initializer_list<std::string_view> allowed) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    for (const std::string_view text : allowed) {
      if (value->is_string() && value->get<std::string>() == text) return;
    }
    refuse(key, *value, fmt::format("{}", fmt::join(allowed, " or ")));
  }
  // Nothing.
  void want_none(const char* key, std::string_view why) const {
    if (const Json* value = find(key)) refuse(key, *value, fmt::format("none ({})", why));
  }
  int64_t bits(std::initializer_list<int64_t> allowed, const char* key = "bits") const {
    const Json* value = find(key);
    for (const int64_t number : allowed) {
      if (value != nullptr && value->is_number_integer() && *value == number) return number;
    }
    refuse(key, value == nullptr ? Json() : *value, fmt::format("{}", fmt::join(allowed, " or ")));
    return *allowed.begin();
  }
  // Of columns; -1: all of a row.
  void want_group(const char* key = "group_size") const {
    const Json* value = find(key);
    if (value == nullptr) return;
    for (const int64_t size : {-1, 16, 32, 64, 128, 256, 512, 1024}) {
      if (value->is_number_integer() && *value == size) return;
    }
    refuse(key, *value, "-1, 16, 32, 64, 128, 256, 512 or 1024");
  }

 private:
  const Json& json_;
  std::string where_;
  std::vector<std::string>& reasons_;
};

const std::initializer_list<std::string_view> kFormats = {"pack-quantized", "int-quantized",
                                                          "naive-quantized"};  // of compressed-tensors

Packing read_gptq(const Section& config) {
  config.want("checkpoint_format", {"gptq", "gptq_v2"});
  config.want_none("dynamic", "settings of single layers");
  config.want_group();
  return {.method = PackingMethod::gptq, .bits = static_cast<int>(config.bits({4, 8})),
          .has_zeros_less_1 = config.text("checkpoint_format", "gptq") == "gptq"};
}

Packing read_awq(const Section& config) {
  config.want("version", {"gemm", "GEMM"});
  config.want("backend", {"autoawq"});
  config.want_group();
  return {.method = PackingMethod::awq, .bits = static_cast<int>(config.bits({4}))};
}

Packing read_compressed(const Section& config, std::vector<std::string>& reasons) {
  Packing packing{.method = PackingMethod::compressed_tensors};
  config.want("format", kFormats);
  config.want("quantization_status", {"compressed"});
  config.want_none("kv_cache_scheme", "a quantized cache");
  config.want_none("transform_config", "transformations while the model runs");
  if (const Json* sparsity = config.find("sparsity_config"); sparsity != nullptr) {
    if (!sparsity->is_object()) {
      config.refuse("sparsity_config", *sparsity, "an object");
    } else {
      Section(*sparsity, "quantization_config.sparsity_config", reasons).want("format", {"dense"});
    }
  }
  const Json* groups = config.find("config_groups");
  if (groups == nullptr || !groups->is_object()) {
    config.refuse("config_groups", groups == nullptr ? Json() : *groups, "an object");
    return packing;
  }
  for (const auto& [name, group] : groups->items()) {
    const std::string where = "quantization_config.config_groups." + printable(name);
    const auto weights = group.is_object() ? group.find("weights") : group.end();
    if (!group.is_object() || weights == group.end() || !weights->is_object()) {
      reasons.push_back(where + ".weights: want an object");
      continue;
    }
    Section(group, where, reasons).want("format", kFormats);
    const Section section(*weights, where + ".weights", reasons);
    section.want("type", {"int"});
    section.want("strategy", {"group", "channel", "tensor"});
    section.want_group();
    section.bits({4, 8}, "num_bits");
    const auto activations = group.find("input_activations");
    packing.has_quantized_activations |= activations != group.end() && !activations->empty();
  }
  return packing;
}

}  // namespace

std::string Packing::name() const {
  switch (method) {
    case PackingMethod::gptq: return "GPTQ";
    case PackingMethod::awq: return "AWQ";
    case PackingMethod::compressed_tensors: return "compressed-tensors";
  }
  return "";
}

std::optional<Packing> read_packing(const Json& quantization, std::vector<std::string>& reasons) {
  constexpr std::string_view kWhere = "quantization_config";
  constexpr std::string_view kWanted = "gptq, awq or compressed-tensors, or the original F16, BF16 or F32 weights";
  const auto method = quantization.is_object() ? quantization.find("quant_method") : quantization.end();
  if (!quantization.is_object() || method == quantization.end() || !method->is_string()) {
    reasons.push_back(
        fmt::format("{}: the checkpoint is quantized, and quant_method does not say how; want {}", kWhere, kWanted));
    return {};
  }
  const size_t before = reasons.size();
  const Section config(quantization, std::string(kWhere), reasons);
  const auto name = method->get<std::string>();
  std::optional<Packing> packing;
  if (name == "gptq") {
    packing = read_gptq(config);
  } else if (name == "awq") {
    packing = read_awq(config);
  } else if (name == "compressed-tensors") {
    packing = read_compressed(config, reasons);
  } else {
    reasons.push_back(fmt::format("{}: the checkpoint is quantized by \"{}\", which is not supported; want {}", kWhere,
                                  printable(name), kWanted));
  }
  return reasons.size() == before ? packing : std::nullopt;
}

const Json* find_quantization(const Json& config) {
  constexpr const char* kKey = "quantization_config";
  if (!config.is_object()) return nullptr;
  const auto own = config.find(kKey);
  if (own != config.end() && !own->is_null()) return &*own;
  const auto text = config.find("text_config");
  return text != config.end() ? find_quantization(*text) : nullptr;
}

}  // namespace cortland
