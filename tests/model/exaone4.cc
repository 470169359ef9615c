#include "model/exaone4.h"

#include "base/failure.h"
#include "model/families.h"

namespace cortland {

Json exaone4_1b() {
  return parse_json(R"({
    "architectures": ["Exaone4ForCausalLM"], "model_type": "exaone4", "torch_dtype": "bfloat16",
    "hidden_size": 2048, "intermediate_size": 4096, "num_hidden_layers": 30, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 64, "hidden_act": "silu", "vocab_size": 102400,
    "max_position_embeddings": 65536, "rms_norm_eps": 1e-05, "rope_theta": 1000000,
    "rope_scaling": {"rope_type": "llama3", "factor": 16.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 8192},
    "sliding_window": null, "sliding_window_pattern": null, "tie_word_embeddings": true,
    "bos_token_id": 1, "eos_token_id": 361, "pad_token_id": 0, "attention_dropout": 0.0, "initializer_range": 0.02,
    "use_cache": true, "transformers_version": "4.54.0"})", "1.2B");
}

Json exaone4_32b() {
  return changed(exaone4_1b(), R"({"hidden_size": 5120, "intermediate_size": 27392, "num_hidden_layers": 64,
    "num_attention_heads": 40, "head_dim": 128, "max_position_embeddings": 131072, "sliding_window": 4096,
    "sliding_window_pattern": "LLLG", "tie_word_embeddings": false})");
}

Json small_config() {
  return changed(exaone4_1b(), R"({"hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 5,
    "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4, "vocab_size": 16, "max_position_embeddings": 64,
    "eos_token_id": 2})");
}

Json changed(Json config, std::string_view changes) {
  const Json members = parse_json(changes, "changes");
  for (const auto& [key, value] : members.items()) {
    if (value == "-") {
      config.erase(key);
    } else {
      config[key] = value;
    }
  }
  return config;
}

std::string spec_failure(std::string_view changes) {
  const Json config = changed(small_config(), changes);
  return failure([&] { read_spec(config); });
}

std::string layer_letters(const ModelSpec& spec) {
  std::string letters;
  for (const LayerSpec& layer : spec.layers) {
    letters += layer.attention.window ? (layer.attention.rope ? 'S' : '?') : layer.attention.rope ? 'F' : 'N';
  }
  return letters;
}

}  // namespace cortland
