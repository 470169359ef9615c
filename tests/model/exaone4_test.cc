// Every spelling that a config.json of EXAONE 4.0 uses, and the two models that exist.
#include "model/exaone4.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/families.h"

namespace cortland {
namespace {

ModelSpec spec_of(std::string_view changes) { return read_spec(changed(small_config(), changes)); }

TEST(Exaone4, TheModelOf1B) {
  const ModelSpec spec = read_spec(exaone4_1b());
  EXPECT_EQ(spec.model_type, "exaone4");
  EXPECT_EQ(spec.weight_count(), 1'279'391'488);
  EXPECT_EQ(spec.parameters.size(), 30u * 11 + 2);
  EXPECT_EQ(layer_letters(spec), std::string(30, 'F'));
  EXPECT_TRUE(spec.tied_head);
  EXPECT_EQ(spec.ignored_tensors, std::vector<std::string>{"lm_head.weight"});
  EXPECT_EQ(spec.bos, 1);
  EXPECT_EQ(spec.eos, std::vector<int64_t>{361});
  EXPECT_EQ(spec.max_positions, 65536);
  const LayerSpec& layer = spec.layers[29];
  EXPECT_DOUBLE_EQ(layer.attention.score_scale, 0.125);
  EXPECT_DOUBLE_EQ(layer.attention.qk_norm->norm.epsilon, 1e-5);
  EXPECT_FALSE(layer.pre_attention_norm || layer.pre_mlp_norm);
  EXPECT_TRUE(layer.post_attention_norm && layer.post_mlp_norm);
}

TEST(Exaone4, TheModelOf32B) {
  const ModelSpec spec = read_spec(exaone4_32b());
  EXPECT_EQ(spec.weight_count(), 32'003'216'384);
  EXPECT_EQ(spec.parameters.size(), 64u * 11 + 3);
  std::string letters;
  for (int i = 0; i < 16; ++i) letters += "SSSN";
  EXPECT_EQ(layer_letters(spec), letters);
  EXPECT_EQ(spec.layers[0].attention.window, 4096);
  EXPECT_TRUE(spec.ignored_tensors.empty());
}

TEST(Exaone4, NamesAndShapesOfTheTensors) {
  const ModelSpec spec = read_spec(exaone4_32b());
  const struct {
    Role role;
    int64_t layer;
    std::string tensor;
    Shape shape;
  } cases[] = {
      {Role::embedding, -1, "model.embed_tokens.weight", {102400, 5120}},
      {Role::query, 63, "model.layers.63.self_attn.q_proj.weight", {5120, 5120}},
      {Role::key, 0, "model.layers.0.self_attn.k_proj.weight", {1024, 5120}},
      {Role::value, 7, "model.layers.7.self_attn.v_proj.weight", {1024, 5120}},
      {Role::attention_output, 8, "model.layers.8.self_attn.o_proj.weight", {5120, 5120}},
      {Role::query_norm, 9, "model.layers.9.self_attn.q_norm.weight", {128}},
      {Role::key_norm, 10, "model.layers.10.self_attn.k_norm.weight", {128}},
      {Role::gate, 11, "model.layers.11.mlp.gate_proj.weight", {27392, 5120}},
      {Role::up, 12, "model.layers.12.mlp.up_proj.weight", {27392, 5120}},
      {Role::down, 13, "model.layers.13.mlp.down_proj.weight", {5120, 27392}},
      {Role::post_attention_norm, 14, "model.layers.14.post_attention_layernorm.weight", {5120}},
      {Role::post_mlp_norm, 15, "model.layers.15.post_feedforward_layernorm.weight", {5120}},
      {Role::final_norm, -1, "model.norm.weight", {5120}},
      {Role::head, -1, "lm_head.weight", {102400, 5120}},
  };
  for (const auto& [role, layer, tensor, shape] : cases) {
    const Parameter* parameter = spec.find({role, layer});
    ASSERT_NE(parameter, nullptr) << tensor;
    EXPECT_TRUE(parameter->is_plain());
    EXPECT_EQ(parameter->tensors, std::vector<std::string>{tensor});
    EXPECT_EQ(parameter->shape, shape) << tensor;
  }
}

// models.md section 1.2; the defaults are those of transformers' Exaone4Config.
TEST(Exaone4, WhichLayersSlide) {
  const struct {
    const char* changes;
    const char* letters;
    int64_t window;  // 0: none
  } cases[] = {
      {R"({"layer_types": ["full_attention", "sliding_attention", "sliding_attention", "full_attention",
           "sliding_attention"], "sliding_window": 8})", "NSSNS", 8},
      {R"({"layer_types": ["full_attention", "full_attention", "full_attention", "full_attention", "full_attention"]})",
       "FFFFF", 0},
      // The list wins over the pattern.
      {R"({"layer_types": ["full_attention", "full_attention", "full_attention", "full_attention", "sliding_attention"],
           "sliding_window": 8, "sliding_window_pattern": "LLLG"})", "NNNNS", 8},
      {R"({"layer_types": null, "sliding_window": 8, "sliding_window_pattern": "LG"})", "SNSNN", 8},
      // A string repeats, and the last layer is full whatever it says.
      {R"({"sliding_window": 8, "sliding_window_pattern": "LLLG"})", "SSSNN", 8},
      {R"({"sliding_window": 8, "sliding_window_pattern": "L"})", "SSSSN", 8},
      {R"({"sliding_window": 8, "sliding_window_pattern": "GLLLLLLL"})", "NSSSN", 8},
      {R"({"sliding_window": 8, "sliding_window_pattern": "G"})", "NNNNN", 0},
      // A number p makes every p-th layer full, and no other.
      {R"({"sliding_window": 8, "sliding_window_pattern": 4})", "SSSNS", 8},
      {R"({"sliding_window": 8, "sliding_window_pattern": 2})", "SNSNS", 8},
      {R"({"sliding_window": 8, "sliding_window_pattern": 1})", "NNNNN", 0},
      {R"({"sliding_window": 8, "sliding_window_pattern": 1024})", "SSSSS", 8},
      {R"({"sliding_window": 8.0, "sliding_window_pattern": 4.0})", "SSSNS", 8},
      // Without the keys: a window of 4096, every fourth layer full.
      {R"({"sliding_window": "-", "sliding_window_pattern": "-"})", "SSSNS", 4096},
      {R"({"sliding_window": "-", "sliding_window_pattern": "LLLG"})", "SSSNN", 4096},
      {R"({"sliding_window": 8, "sliding_window_pattern": "-"})", "SSSNS", 8},
      // null switches the window off, whatever the pattern is; transformers 5 stores the pattern 0 then.
      {R"({"sliding_window": null, "sliding_window_pattern": "-"})", "FFFFF", 0},
      {R"({"sliding_window": null, "sliding_window_pattern": "LLLG"})", "FFFFF", 0},
      {R"({"sliding_window": null, "sliding_window_pattern": 4})", "FFFFF", 0},
      {R"({"sliding_window": null, "sliding_window_pattern": 0})", "FFFFF", 0},
  };
  for (const auto& [changes, letters, window] : cases) {
    const ModelSpec spec = spec_of(changes);
    EXPECT_EQ(layer_letters(spec), letters) << changes;
    EXPECT_EQ(spec.rope_tables.size(), std::string_view(letters) == "NNNNN" ? 0u : 1u) << changes;
    for (const LayerSpec& layer : spec.layers) {
      EXPECT_EQ(layer.attention.window.value_or(window), window) << changes;
    }
  }
}

TEST(Exaone4, SpellingsOfRope) {
  const std::string numbers = R"("factor": 16.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                 "original_max_position_embeddings": 8192)";
  const std::string sliding = R"("sliding_window": 8, "sliding_window_pattern": 4, )";
  const std::string moved = R"("rope_theta": "-", "rope_scaling": "-", "rope_parameters": )";
  const std::string full = R"({"rope_theta": 1e6, "rope_type": "llama3", )" + numbers + "}";
  const std::string other = R"({"rope_theta": 5.0, "rope_type": "default"})";
  const std::string cases[] = {
      "{}",
      R"({"rope_scaling": {"type": "llama3", )" + numbers + "}}",
      R"({"rope_scaling": {"rope_type": "llama3", "type": "linear", )" + numbers + "}}",
      R"({"rope_parameters": null})",
      "{" + moved + full + "}",
      // The theta stays outside.
      R"({"rope_scaling": "-", "rope_parameters": {"rope_type": "llama3", )" + numbers + "}}",
      R"({"rope_theta": 3.0, "rope_scaling": null, "rope_parameters": )" + full + "}",
      R"({"rope_scaling": null, "rope_parameters": {"rope_type": "llama3", "partial_rotary_factor": 1.0, )" + numbers +
          "}}",
      // One table per type of layer: full layers rotate only without a window.
      "{" + moved + R"({"full_attention": )" + full + R"(, "sliding_attention": )" + other + "}}",
      "{" + sliding + moved + R"({"full_attention": )" + other + R"(, "sliding_attention": )" + full + "}}",
  };
  const RopeTable want = spec_of("{}").rope_tables.at(0);
  EXPECT_EQ(want.kind, "llama3");
  for (const std::string& changes : cases) {
    const ModelSpec spec = spec_of(changes);
    ASSERT_EQ(spec.rope_tables.size(), 1u) << changes;
    EXPECT_EQ(spec.rope_tables[0].kind, "llama3") << changes;
    EXPECT_EQ(spec.rope_tables[0].inv_freq, want.inv_freq) << changes;
    EXPECT_EQ(spec.rope_tables[0].attention_factor, 1.0) << changes;
  }
}

TEST(Exaone4, WidthsOfHeads) {
  EXPECT_EQ(spec_of("{}").layers[0].attention.head_dim, 4);
  EXPECT_EQ(spec_of(R"({"head_dim": 16})").layers[0].attention.head_dim, 16);
  EXPECT_EQ(spec_of(R"({"head_dim": "-", "hidden_size": 12})").layers[0].attention.head_dim, 6);
  EXPECT_EQ(spec_of(R"({"head_dim": null, "hidden_size": 12})").layers[0].attention.head_dim, 6);
  EXPECT_EQ(spec_of(R"({"num_key_value_heads": "-"})").layers[0].attention.kv_heads, 2);
  const ModelSpec wide = spec_of(R"({"head_dim": 16})");
  EXPECT_EQ(wide.find({Role::query, 4})->shape, (Shape{32, 8}));
  EXPECT_EQ(wide.find({Role::key, 4})->shape, (Shape{16, 8}));
  EXPECT_EQ(wide.find({Role::attention_output, 4})->shape, (Shape{8, 32}));
  EXPECT_DOUBLE_EQ(wide.layers[0].attention.score_scale, 0.25);
}

TEST(Exaone4, TiedAndSeparateHeads) {
  for (const char* changes : {R"({"tie_word_embeddings": false})", R"({"tie_word_embeddings": "-"})"}) {
    const ModelSpec spec = spec_of(changes);
    EXPECT_FALSE(spec.tied_head);
    EXPECT_EQ(spec.find({Role::head})->shape, (Shape{16, 8}));
    EXPECT_EQ(spec.weight_count(), spec_of("{}").weight_count() + 16 * 8);
  }
}

TEST(Exaone4, TokensThatBeginAndEnd) {
  using Ids = std::vector<int64_t>;
  EXPECT_EQ(spec_of(R"({"bos_token_id": null, "eos_token_id": null})").bos, std::nullopt);
  EXPECT_EQ(spec_of(R"({"bos_token_id": "-", "eos_token_id": "-"})").eos, Ids{});
  EXPECT_EQ(spec_of(R"({"eos_token_id": 15})").eos, Ids{15});
  EXPECT_EQ(spec_of(R"({"eos_token_id": [0, 15, 3]})").eos, (Ids{0, 15, 3}));
  EXPECT_EQ(spec_of(R"({"bos_token_id": [7]})").bos, 7);
}

TEST(Exaone4, KeysThatChangeNothing) {
  EXPECT_EQ(
      spec_failure(R"({"torch_dtype": "-", "dtype": "float16", "auto_map": {"AutoModel": "m.M"}, "pad_token_id": -1,
                             "architectures": "-", "use_cache": false, "_name_or_path": "x", "hidden_act": "-"})"),
      "no error");
}

}  // namespace
}  // namespace cortland
