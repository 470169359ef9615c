// Configs that read_spec() turns down: what is not supported, and what is wrong. Every reason is in the message.
#include <gtest/gtest.h>

#include "base/failure.h"
#include "model/exaone4.h"
#include "model/families.h"

namespace cortland {
namespace {

struct Case {
  const char* changes;
  const char* message;
};

TEST(Refusal, WhatIsNotSupported) {
  const Case cases[] = {
      {R"({"hidden_act": "gelu\n"})",
       R"(hidden_act: activation "gelu\x0a" is not supported; want silu, swish, gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, relu2)"},
      {R"({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true}})",
       "quantization_config: the checkpoint is quantized by \"bitsandbytes\", which is not supported; want gptq, awq or compressed-tensors, or the original F16, BF16 or F32 weights"},
      {R"({"quantization_config": {"quant_method": "gptq", "bits": 3}})",
       "quantization_config.bits: got 3, want 4 or 8"},
      {R"({"quantization_config": {"quant_method": "gptq", "bits": 4, "dynamic": {"-:.*": {}}}})",
       R"(quantization_config.dynamic: got {"-:.*":{}}, want none (settings of single layers))"},
      {R"({"quantization_config": {"quant_method": "awq", "bits": 4, "backend": "llm-awq"}})",
       R"(quantization_config.backend: got "llm-awq", want autoawq)"},
      {R"({"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "float"}}}}})",
       R"(quantization_config.config_groups.group_0.weights.type: got "float", want int)"},
      {R"({"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4}}},
           "kv_cache_scheme": {"num_bits": 8}}})",
       R"(quantization_config.kv_cache_scheme: got {"num_bits":8}, want none (a quantized cache))"},
      {R"({"quantization_config": "fp8"})",
       "quantization_config: the checkpoint is quantized, and quant_method does not say how; want gptq, awq or compressed-tensors, or the original F16, BF16 or F32 weights"},
      {R"({"quantization_config": {"quant_method": 3}})",
       "quantization_config: the checkpoint is quantized, and quant_method does not say how; want gptq, awq or compressed-tensors, or the original F16, BF16 or F32 weights"},
      {R"({"logit_scale": 2.0})", R"(key "logit_scale" is not known and could change what the model computes)"},
      {R"({"attention_bias": false})", R"(key "attention_bias" is not known and could change what the model computes)"},
      {R"({"architectures": ["Exaone4Model"]})", R"(architectures: got ["Exaone4Model"], want Exaone4ForCausalLM)"},
      {R"({"architectures": "Exaone4ForCausalLM"})",
       R"(architectures: got "Exaone4ForCausalLM", want Exaone4ForCausalLM)"},
      {R"({"sliding_window": 8, "layer_types": ["full_attention", "chunked_attention", "full_attention",
           "full_attention", "full_attention"]})",
       R"(layer_types[1]: "chunked_attention" is not supported; want full_attention or sliding_attention)"},
      {R"({"sliding_window": 8, "sliding_window_pattern": null})",
       "sliding_window_pattern: null next to a sliding_window does not say which layers slide"},
      {R"({"sliding_window": "-", "sliding_window_pattern": null})",
       "sliding_window_pattern: null next to a sliding_window does not say which layers slide"},
      {R"({"rope_scaling": {"rope_type": "spiral", "factor": 2, "beta_fast": 32}})",
       R"(rope_scaling: kind "spiral" is not supported; want default, linear, dynamic, llama3, yarn, longrope, su)"},
      {R"({"rope_scaling": {"rope_type": "linear", "factor": 2, "beta_fast": 32}})",
       "rope_scaling.beta_fast: got 32, which is not supported"},
      {R"({"rope_scaling": "-", "rope_parameters": {"rope_theta": 1e6, "partial_rotary_factor": 0.5}})",
       "rope_parameters.partial_rotary_factor: got 0.5, which is not supported"},
      // A table for another type of layer than the one that rotates.
      {R"({"rope_scaling": "-", "rope_parameters": {"sliding_attention": {}}})",
       "rope_parameters.sliding_attention: got {}, which is not supported"},
      {R"({"rope_parameters": {"rope_theta": 1e6}})",
       "rope_scaling and rope_parameters are both given; want one of them"},
  };
  for (const auto& [changes, message] : cases) {
    EXPECT_EQ(spec_failure(changes), "unsupported: config.json: " + std::string(message)) << changes;
  }
}

TEST(Refusal, EveryReasonInOneMessage) {
  EXPECT_EQ(spec_failure(R"({"hidden_act": "mish", "rope_scaling": {"rope_type": "spiral"}, "zeta": 1, "alpha\u0000": 2,
                             "quantization_config": {"quant_method": "awq", "bits": 3}, "architectures": []})"),
            R"(unsupported: config.json: 6 reasons:
  - quantization_config.bits: got 3, want 4
  - architectures: got [], want Exaone4ForCausalLM
  - hidden_act: activation "mish" is not supported; want silu, swish, gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, relu2
  - rope_scaling: kind "spiral" is not supported; want default, linear, dynamic, llama3, yarn, longrope, su
  - key "alpha\x00" is not known and could change what the model computes
  - key "zeta" is not known and could change what the model computes)");
}

TEST(Refusal, UnknownFamilies) {
  EXPECT_EQ(spec_failure(R"({"model_type": "rwkv", "hidden_act": "mish"})"),
            R"(unsupported: config.json: model_type "rwkv" is not supported: it has recurrent layers)");
  const std::string known = fmt::format("{}", fmt::join(family_names(), ", "));
  EXPECT_EQ(spec_failure(R"({"model_type": "remote", "auto_map": {"AutoConfig": "configuration.Config"}})"),
            R"(unsupported: config.json: model_type "remote" is not supported; want )" + known +
                " (code that comes with a checkpoint is never executed); hint: `cortland models` lists them");
  const std::string missing =
      R"(corrupt: config.json: key "model_type" is missing; want the config.json of a Hugging Face checkpoint)";
  EXPECT_EQ(spec_failure(R"({"model_type": "-"})"), missing);
  EXPECT_EQ(spec_failure(R"({"model_type": 4})"), missing);
  for (const char* text : {"[]", "null", "\"exaone4\"", "{}"}) {
    EXPECT_EQ(failure([&] { read_spec(parse_json(text, "config.json")); }), missing);
  }
}

TEST(Refusal, WhatIsWrong) {
  const Case cases[] = {
      {R"({"hidden_size": "-"})", R"(key "hidden_size" is missing)"},
      {R"({"hidden_size": null})", R"(key "hidden_size" is missing)"},
      {R"({"hidden_size": "8"})", R"(hidden_size: got "8", want an integer)"},
      {R"({"hidden_size": 8.5})", "hidden_size: got 8.5, want an integer"},
      {R"({"hidden_size": [8]})", "hidden_size: got [8], want an integer"},
      {R"({"hidden_size": 0})", "hidden_size: got 0, want 1 to 1048576"},
      {R"({"hidden_size": -8})", "hidden_size: got -8, want 1 to 1048576"},
      {R"({"hidden_size": 1048577})", "hidden_size: got 1048577, want 1 to 1048576"},
      {R"({"hidden_size": 18446744073709551615})", "hidden_size: got 18446744073709551615, want a 64-bit integer"},
      {R"({"vocab_size": "-"})", R"(key "vocab_size" is missing)"},
      {R"({"vocab_size": 1e300})", "vocab_size: got 1e+300, want an integer"},
      {R"({"num_hidden_layers": "-", "layer_types": []})", R"(key "num_hidden_layers" is missing)"},
      {R"({"num_hidden_layers": 1025})", "num_hidden_layers: got 1025, want 1 to 1024"},
      {R"({"num_attention_heads": "-"})", R"(key "num_attention_heads" is missing)"},
      {R"({"num_attention_heads": 2000})", "num_attention_heads: got 2000, want 1 to 1024"},
      {R"({"num_attention_heads": 3, "num_key_value_heads": 2})",
       "num_attention_heads 3 is no multiple of num_key_value_heads 2"},
      {R"({"num_key_value_heads": 0})", "num_key_value_heads: got 0, want 1 to 1024"},
      {R"({"num_key_value_heads": 4})", "num_attention_heads 2 is no multiple of num_key_value_heads 4"},
      {R"({"head_dim": 5})", "head_dim: got 5, want an even number"},
      {R"({"head_dim": "-", "hidden_size": 6})", "head_dim: got 3, want an even number"},
      {R"({"head_dim": 2097152})", "head_dim: got 2097152, want 1 to 1048576"},
      {R"({"intermediate_size": "-"})", R"(key "intermediate_size" is missing)"},
      {R"({"max_position_embeddings": 1e13})", "max_position_embeddings: got 10000000000000, want 1 to 1099511627776"},
      {R"({"rms_norm_eps": "-"})", R"(key "rms_norm_eps" is missing)"},
      {R"({"rms_norm_eps": -1e-5})", "rms_norm_eps: got -1e-05, want a number that is not negative"},
      {R"({"rms_norm_eps": "1e-5"})", R"(rms_norm_eps: got "1e-5", want a number)"},
      {R"({"tie_word_embeddings": 1})", "tie_word_embeddings: got 1, want true or false"},
      {R"({"hidden_act": 3})", "hidden_act: got 3, want a string"},
      {R"({"bos_token_id": -1})", "bos_token_id: got -1, want 0 to 15"},
      {R"({"eos_token_id": [2, 16]})", "eos_token_id: got 16, want 0 to 15"},
      {R"({"eos_token_id": ["</s>"]})", R"(eos_token_id: got "</s>", want an integer)"},
      {R"({"eos_token_id": {}})", "eos_token_id: got {}, want an integer"},
      {R"({"sliding_window": 0})", "sliding_window: got 0, want 1 to 1099511627776"},
      {R"({"sliding_window": "all", "sliding_window_pattern": 4})", R"(sliding_window: got "all", want an integer)"},
      {R"({"sliding_window": 8, "sliding_window_pattern": 0})", "sliding_window_pattern: got 0, want 1 to 1024"},
      {R"({"sliding_window": 8, "sliding_window_pattern": ""})",
       R"(sliding_window_pattern: got "", want letters L (sliding) and G (full))"},
      {R"({"sliding_window": 8, "sliding_window_pattern": "LLX"})",
       R"(sliding_window_pattern: got "LLX", want letters L (sliding) and G (full))"},
      {R"({"layer_types": "full_attention"})", "layer_types: want a list of 5 entries, one per layer"},
      {R"({"layer_types": ["full_attention"]})", "layer_types: want a list of 5 entries, one per layer"},
      {R"({"layer_types": ["full_attention", "sliding_attention", "full_attention", "full_attention",
           "full_attention"]})", "layer_types names sliding layers, but sliding_window is null"},
  };
  for (const auto& [changes, message] : cases) {
    EXPECT_EQ(spec_failure(changes), "corrupt: config.json: " + std::string(message)) << changes;
  }
}

TEST(Refusal, EveryWrongValueInOneMessage) {
  EXPECT_EQ(
      spec_failure(R"({"hidden_size": "-", "vocab_size": 0, "head_dim": "x", "rope_theta": 1, "hidden_act": "mish"})"),
      R"(corrupt: config.json: 4 reasons:
  - key "hidden_size" is missing
  - vocab_size: got 0, want 1 to 16777216
  - head_dim: got "x", want an integer
  - rope_theta: got 1, want more than 1)");
}

// Rows are listed one by one: a file must not make that as long as it likes.
TEST(Refusal, SizesThatNoModelHas) {
  EXPECT_EQ(
      spec_failure(R"({"hidden_size": 1048576, "intermediate_size": 1048576, "num_hidden_layers": 1024,
      "num_attention_heads": 1024, "num_key_value_heads": 1024, "head_dim": 1048576, "vocab_size": 16777216})"),
      "corrupt: config.json: 1024 layers of 1024 heads of width 1048576 and 1048576 feed-forward channels are more than "
      "any model has");
}

}  // namespace
}  // namespace cortland
