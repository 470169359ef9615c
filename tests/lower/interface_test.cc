// What apps rely on: names, types and order of the functions' inputs and outputs, and the contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lower/tiny.h"
#include "mil/registry.h"
#include "mil/verify.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> described(const mil::Function& function, const std::vector<mil::ValueId>& ids) {
  std::vector<std::string> list;
  for (const mil::ValueId id : ids) {
    list.push_back(function.value(id).name + ": " + mil::to_string(function.value(id).type));
  }
  return list;
}
std::vector<std::string> inputs(const mil::Function& function) { return described(function, function.inputs); }
std::vector<std::string> outputs(const mil::Function& function) { return described(function, function.outputs); }

std::vector<std::string> findings(const mil::Program& program) {
  std::vector<std::string> list;
  for (const mil::Finding& f : mil::verify(program)) {
    list.push_back(fmt::format("{}: {}: {}", f.rule, f.where, f.message));
  }
  return list;
}

TEST(Interface, DecodeGivesLogits) {
  const Tiny tiny;
  EXPECT_EQ(tiny.decode().name, "decode");
  EXPECT_EQ(tiny.decode().opset, "CoreML8");
  EXPECT_THAT(inputs(tiny.decode()),
              ElementsAre("input_ids: int32[1, 1]", "position: int32[1]", "mask: fp16[1, 1, 1, 64]",
                          "mask_sliding: fp16[1, 1, 1, 64]", "cos: fp16[1, 1, 1, 10]", "sin: fp16[1, 1, 1, 10]",
                          "kv: state<fp16[6, 4, 64, 32]>"));
  EXPECT_THAT(outputs(tiny.decode()), ElementsAre("logits: fp16[1, 1, 150]"));
}

TEST(Interface, PrefillGivesHidden) {
  const Tiny tiny;
  EXPECT_EQ(tiny.prefill().name, "prefill");
  EXPECT_EQ(tiny.prefill().opset, "CoreML8");
  EXPECT_THAT(inputs(tiny.prefill()),
              ElementsAre("input_ids: int32[1, 8]", "position: int32[1]", "mask: fp16[1, 1, 8, 64]",
                          "mask_sliding: fp16[1, 1, 8, 64]", "cos: fp16[1, 1, 8, 10]", "sin: fp16[1, 1, 8, 10]",
                          "kv: state<fp16[6, 4, 64, 32]>"));
  EXPECT_THAT(outputs(tiny.prefill()), ElementsAre("hidden: fp16[1, 8, 24]"));
}

TEST(Interface, ThereAreTwoFunctions) { EXPECT_EQ(Tiny().program.functions.size(), 2u); }

TEST(Interface, ASplitHeadIsStillOneOutput) {
  AneOptions options = tiny_options();
  options.head_splits = 3;
  const Tiny tiny(tiny_spec(), options);
  EXPECT_THAT(outputs(tiny.decode()), ElementsAre("logits: fp16[1, 1, 150]"));
}

TEST(Interface, NoRotaryInputsWhereNoLayerRotates) {
  ModelSpec spec = tiny_spec();
  spec.rope_tables.clear();
  spec.layers = {tiny_layer({}, {})};
  const Tiny tiny(spec);
  EXPECT_THAT(inputs(tiny.decode()), ElementsAre("input_ids: int32[1, 1]", "position: int32[1]",
                                                 "mask: fp16[1, 1, 1, 64]", "kv: state<fp16[2, 4, 64, 32]>"));
}

AneOptions without_states() { return {.context = 64, .prefill = 8, .target = targets().front()}; }

TEST(Interface, WithoutStatesOneFunctionTakesAndGivesTheCache) {
  const Tiny tiny(tiny_spec(), without_states());
  ASSERT_EQ(tiny.program.functions.size(), 1u);
  const mil::Function& main = tiny.program.functions[0];
  EXPECT_EQ(main.name, "main");
  EXPECT_EQ(main.opset, "CoreML7");
  EXPECT_THAT(inputs(main),
              ElementsAre("input_ids: int32[1, 8]", "mask: fp16[1, 1, 8, 64]", "mask_sliding: fp16[1, 1, 8, 64]",
                          "cos: fp16[1, 1, 8, 10]", "sin: fp16[1, 1, 8, 10]", "row: fp16[1, 1, 1, 8]",
                          "past_keys: fp16[3, 4, 56, 32]", "past_values: fp16[3, 4, 56, 32]"));
  EXPECT_THAT(outputs(main),
              ElementsAre("logits: fp16[1, 1, 150]", "new_keys: fp16[3, 4, 8, 32]", "new_values: fp16[3, 4, 8, 32]"));
}

TEST(Interface, WithoutStatesNothingIsNewerThanTheOpset) {
  ModelSpec one_layer = tiny_spec(), untied = tiny_spec();
  one_layer.layers.resize(1);
  untied.tied_head = false;
  for (const ModelSpec& spec : {tiny_spec(), one_layer, untied}) {
    for (const int64_t tokens : {1, 8, 32}) {
      AneOptions options = without_states();
      options.prefill = tokens;
      options.head_splits = 2;
      const Tiny tiny(spec, options);
      EXPECT_THAT(findings(tiny.program), IsEmpty()) << tokens;
      for (const mil::Operation& operation : tiny.program.functions[0].operations) {
        ASSERT_NE(operation.row, nullptr);
        EXPECT_LE(operation.row->since, mil::Opset::coreml7) << operation.type;
      }
    }
  }
}

TEST(Interface, TheContractWithoutStates) {
  EXPECT_EQ(ane_contract(Tiny(tiny_spec(), without_states()).plan),
            R"({"version":1,"profile":"ane","context":64,"vocabulary":150,)"
            R"("functions":[{"name":"main","role":"main","tokens":8}],)"
            R"("ids":"input_ids","logits":"logits","row":"row",)"
            R"("mask":{"value":-10000.0,"inputs":[{"name":"mask","window":null},{"name":"mask_sliding","window":16}]},)"
            R"("rope":[{"cos":"cos","sin":"sin","inv_freq":[1.0,0.5,0.25,0.125,0.0625],"attention_factor":1.0}],)"
            R"("cache":{"kind":"explicit","names":["past_keys","past_values"],"new_names":["new_keys","new_values"],)"
            R"("shape":[3,4,56,32],"slots":"past_then_new"},)"
            R"("embedding":"graph","parts":[],"bos":1,"eos":[2,3]})");
}

TEST(Interface, EveryFormIsASoundProgram) {
  ModelSpec untied = tiny_spec(), plain = tiny_spec(), two_tables = tiny_spec();
  untied.tied_head = false;
  for (LayerSpec& layer : plain.layers) {
    layer.attention.qk_norm.reset();
    std::swap(layer.pre_attention_norm, layer.post_attention_norm);
    std::swap(layer.pre_mlp_norm, layer.post_mlp_norm);
  }
  two_tables.rope_tables.push_back({.kind = "other", .inv_freq = {1, 2, 3, 4, 5}});
  two_tables.layers[1].attention.rope = 1;
  for (const ModelSpec& spec : {tiny_spec(), untied, plain, two_tables}) {
    for (const AttentionForm form : {AttentionForm::matmul, AttentionForm::sdpa}) {
      const Tiny tiny(spec, {.context = 32, .prefill = 4, .attention = form, .head_splits = 2});
      EXPECT_THAT(findings(tiny.program), IsEmpty()) << attention_name(form);
    }
  }
  // A prefill of one token, and of as many as the context holds.
  for (const int64_t prefill : {1, 32}) {
    EXPECT_THAT(findings(Tiny(tiny_spec(), {.context = 32, .prefill = prefill}).program), IsEmpty()) << prefill;
  }
}

TEST(Interface, TheContractTellsTheHostEverything) {
  EXPECT_EQ(ane_contract(Tiny().plan),
            R"({"version":1,"profile":"ane","context":64,"vocabulary":150,)"
            R"("functions":[{"name":"decode","role":"decode","tokens":1},)"
            R"({"name":"prefill","role":"prefill","tokens":8}],)"
            R"("ids":"input_ids","position":"position","logits":"logits","hidden":"hidden",)"
            R"("mask":{"value":-10000.0,"inputs":[{"name":"mask","window":null},{"name":"mask_sliding","window":16}]},)"
            R"("rope":[{"cos":"cos","sin":"sin","inv_freq":[1.0,0.5,0.25,0.125,0.0625],"attention_factor":1.0}],)"
            R"("cache":{"kind":"state","names":["kv"],"slots":"position"},)"
            R"("embedding":"graph","parts":[],"bos":1,"eos":[2,3]})");
}

TEST(Interface, TheGpuFunctionTakesAnyNumberOfTokens) {
  const TinyGpu tiny;
  EXPECT_EQ(tiny.program.functions.size(), 1u);
  EXPECT_EQ(tiny.main().name, "main");
  EXPECT_EQ(tiny.main().opset, "CoreML8");
  EXPECT_THAT(
      inputs(tiny.main()),
      ElementsAre("inputIds: int32[1, ?]", "causalMask: fp16[1, 1, ?, ?]", "slidingCausalMask: fp16[1, 1, ?, ?]",
                  "keyCache: state<fp16[3, 1, 3, 50, 10]>", "valueCache: state<fp16[3, 1, 3, 50, 10]>"));
  EXPECT_THAT(outputs(tiny.main()), ElementsAre("logits: fp16[1, ?, 150]"));
  std::vector<std::string> ranges;
  for (const auto& [function, name, lower, upper] : gpu_flexible_inputs(tiny.plan)) {
    EXPECT_EQ(function, "main");
    ranges.push_back(fmt::format("{} {} to {}", name, to_string(lower), to_string(upper)));
  }
  EXPECT_THAT(ranges, ElementsAre("inputIds [1, 1] to [1, 50]", "causalMask [1, 1, 1, 1] to [1, 1, 50, 50]",
                                  "slidingCausalMask [1, 1, 1, 1] to [1, 1, 50, 50]"));
}

TEST(Interface, EveryGpuFormIsASoundProgram) {
  ModelSpec untied = tiny_spec(), plain = tiny_spec(), capped = tiny_spec(), alibi = tiny_spec(), alone = tiny_spec();
  untied.tied_head = false;
  for (LayerSpec& layer : plain.layers) {
    layer.attention.qk_norm.reset();
    std::swap(layer.pre_attention_norm, layer.post_attention_norm);
    std::swap(layer.pre_mlp_norm, layer.post_mlp_norm);
  }
  for (LayerSpec& layer : capped.layers) layer.attention.score_cap = 5;
  for (LayerSpec& layer : alibi.layers) layer.attention.alibi_slopes = {1, 0.5, 0.25, 0.125, 0.0625, 0.03125};
  for (LayerSpec& layer : alone.layers) layer.attention.heads = 3;
  for (const ModelSpec& spec : {tiny_spec(), untied, plain, capped, alibi, alone}) {
    for (const AttentionForm form : {AttentionForm::matmul, AttentionForm::sdpa}) {
      EXPECT_THAT(findings(TinyGpu(spec, {.context = 20, .attention = form}).program), IsEmpty())
          << attention_name(form);
    }
  }
  EXPECT_THAT(findings(TinyGpu(tiny_spec(), {.context = 1}).program), IsEmpty());
}

TEST(Interface, TheGpuContractTellsTheHostEverything) {
  EXPECT_EQ(gpu_contract(TinyGpu().plan),
            R"({"version":1,"profile":"gpu","context":50,"vocabulary":150,)"
            R"("functions":[{"name":"main","role":"any","tokens":50}],"ids":"inputIds","logits":"logits",)"
            R"("mask":{"value":-10000.0,"inputs":[{"name":"causalMask","window":null},)"
            R"({"name":"slidingCausalMask","window":16}]},"rope":[],)"
            R"("cache":{"kind":"state","names":["keyCache","valueCache"],"slots":"position"},)"
            R"("embedding":"graph","parts":[],"bos":1,"eos":[2,3]})");
}

TEST(Interface, TheContractOfAModelWithLess) {
  ModelSpec spec = tiny_spec();
  spec.rope_tables.clear();
  spec.layers = {tiny_layer({}, {})};
  spec.bos.reset();
  spec.eos.clear();
  EXPECT_EQ(ane_contract(Tiny(spec, {.context = 32, .prefill = 2}).plan),
            R"({"version":1,"profile":"ane","context":32,"vocabulary":150,)"
            R"("functions":[{"name":"decode","role":"decode","tokens":1},)"
            R"({"name":"prefill","role":"prefill","tokens":2}],)"
            R"("ids":"input_ids","position":"position","logits":"logits","hidden":"hidden",)"
            R"("mask":{"value":-10000.0,"inputs":[{"name":"mask","window":null}]},"rope":[],)"
            R"("cache":{"kind":"state","names":["kv"],"slots":"position"},)"
            R"("embedding":"graph","parts":[],"bos":null,"eos":[]})");
}

}  // namespace
}  // namespace cortland
