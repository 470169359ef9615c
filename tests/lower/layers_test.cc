// The form of the graph: channels first, linear layers as 1x1 convolutions, norms where the spec has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "lower/graph.h"
#include "lower/tiny.h"
#include "mil/literal.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;

const mil::ValueInfo& operand(const mil::Function& function, const mil::Operation& operation, std::string_view name) {
  for (const mil::Argument& argument : operation.inputs) {
    if (argument.name == name) return function.value(std::get<mil::ValueId>(argument.bindings.front()));
  }
  throw std::runtime_error(fmt::format("{} has no {}", operation.name, name));
}

// "q: [1, 24, 1, 8] x [60, 24, 1, 1] = [1, 60, 1, 8]" for each convolution whose name begins with `prefix`.
std::vector<std::string> convolutions(const mil::Function& function, std::string_view prefix) {
  std::vector<std::string> list;
  for (const mil::Operation& op : function.operations) {
    if (op.type != "conv" || !op.name.starts_with(prefix)) continue;
    list.push_back(fmt::format("{}: {} x {} = {}", op.name.substr(prefix.size()),
                               to_string(operand(function, op, "x").type.shape),
                               to_string(operand(function, op, "weight").type.shape),
                               to_string(function.value(op.outputs.front()).type.shape)));
  }
  return list;
}

TEST(Layers, LinearLayersAre1x1Convolutions) {
  const Tiny tiny;
  EXPECT_THAT(convolutions(tiny.prefill(), "layers_1_"),
              ElementsAre("q: [1, 24, 1, 8] x [60, 24, 1, 1] = [1, 60, 1, 8]",
                          "k: [1, 24, 1, 8] x [30, 24, 1, 1] = [1, 30, 1, 8]",
                          "v: [1, 24, 1, 8] x [30, 24, 1, 1] = [1, 30, 1, 8]",
                          "o: [1, 60, 1, 8] x [24, 60, 1, 1] = [1, 24, 1, 8]",
                          "gate: [1, 24, 1, 8] x [20, 24, 1, 1] = [1, 20, 1, 8]",
                          "up: [1, 24, 1, 8] x [20, 24, 1, 1] = [1, 20, 1, 8]",
                          "down: [1, 20, 1, 8] x [24, 20, 1, 1] = [1, 24, 1, 8]"));
  EXPECT_EQ(convolutions(tiny.prefill(), "").size(), 21u);
  EXPECT_THAT(convolutions(tiny.decode(), "head"), ElementsAre("_0: [1, 24, 1, 1] x [150, 24, 1, 1] = [1, 150, 1, 1]"));
  EXPECT_EQ(convolutions(tiny.decode(), "").size(), 22u);
  for (const mil::Function& function : tiny.program.functions) {
    EXPECT_EQ(count_of(function, "linear"), 0u);
    EXPECT_EQ(count_of(function, "matmul"), 6u) << "two per layer: scores and values";
  }
}

TEST(Layers, ValuesAreFp16OfFixedShape) {
  const Tiny tiny;
  for (const mil::Function& function : tiny.program.functions) {
    for (const mil::ValueInfo& value : function.values) {
      // Only what tells a place is an integer.
      const bool is_place = value.type.shape.size() <= 1 || value.name == "input_ids";
      EXPECT_TRUE(value.type.dtype == DType::f16 || (is_place && value.type.dtype == DType::i32)) << value.name;
      EXPECT_LE(value.type.shape.size(), 5u) << value.name;
      for (const int64_t side : value.type.shape) EXPECT_GT(side, 0) << value.name;
    }
  }
}

TEST(Layers, EveryConstantIsFinite) {
  const Tiny tiny(tiny_spec(), {.context = 32, .prefill = 4, .attention = AttentionForm::sdpa, .head_splits = 2});
  size_t blobs = 0, literals = 0;
  const auto check = [&](const mil::Operation& op, const mil::Binding& binding) {
    if (const auto* literal = std::get_if<mil::Literal>(&binding); literal != nullptr && literal->dtype == DType::f16) {
      ++literals;
      EXPECT_TRUE(std::isfinite(literal->as_scalar().value)) << op.name;
    }
    if (const auto* payload = std::get_if<mil::PayloadPtr>(&binding)) {
      ++blobs;
      for (const uint16_t bits : bits_of_blob(**payload)) ASSERT_TRUE(std::isfinite(half_to_float(bits))) << op.name;
    }
  };
  for (const mil::Function& function : tiny.program.functions) {
    for (const mil::Operation& op : function.operations) {
      for (const auto* list : {&op.inputs, &op.attributes}) {
        for (const mil::Argument& argument : *list) {
          for (const mil::Binding& binding : argument.bindings) check(op, binding);
        }
      }
    }
  }
  EXPECT_GT(blobs, 30u);
  EXPECT_GT(literals, 30u);
}

TEST(Layers, TheEmbeddingIsOneGatherIntoChannels) {
  const Tiny tiny;
  EXPECT_EQ(line(tiny.prefill(), "embedding"),
            "%embedding: fp16[1, 8, 24] = gather(x=%embedding_weight, indices=%input_ids, axis=0, batch_dims=0, "
            "validate_indices=false)");
  EXPECT_EQ(line(tiny.prefill(), "embedding_channels"),
            "%embedding_channels: fp16[1, 24, 8] = transpose(x=%embedding, perm=[0, 2, 1])");
  EXPECT_EQ(line(tiny.prefill(), "embedding_columns"),
            "%embedding_x: fp16[1, 24, 1, 8] = expand_dims(x=%embedding_channels, axes=[2])");
  EXPECT_EQ(count_of(tiny.prefill(), "gather"), 1u);
}

TEST(Layers, PostNormsAreOnTheBranch) {
  const Tiny tiny;
  const mil::Function& f = tiny.decode();
  EXPECT_THAT(line(f, "layers_0_q"), StartsWith("%layers_0_q: fp16[1, 60, 1, 1] = conv(x=%embedding_x, "));
  EXPECT_THAT(line(f, "layers_0_post_attention_norm_mirrored"), EndsWith("= mul(x=%layers_0_o, y=%minus_one)"));
  EXPECT_THAT(line(f, "layers_0_after_attention"), EndsWith("= add(x=%embedding_x, y=%layers_0_post_attention_norm)"));
  EXPECT_THAT(line(f, "layers_0_gate"),
              StartsWith("%layers_0_gate: fp16[1, 20, 1, 1] = conv(x=%layers_0_after_attention, "));
  EXPECT_THAT(line(f, "layers_0_out"), EndsWith("= add(x=%layers_0_after_attention, y=%layers_0_post_mlp_norm)"));
  EXPECT_THAT(line(f, "layers_1_q"), StartsWith("%layers_1_q: fp16[1, 60, 1, 1] = conv(x=%layers_0_out, "));
  EXPECT_THAT(line(f, "final_norm_both"),
              EndsWith("= concat(values=(%layers_2_out, %final_norm_mirrored), axis=1, interleave=false)"));
  EXPECT_THAT(line(f, "head_0"), StartsWith("%head_0: fp16[1, 150, 1, 1] = conv(x=%final_norm, "));
}

TEST(Layers, PreNormsAreBeforeTheBranch) {
  ModelSpec spec = tiny_spec();
  for (LayerSpec& layer : spec.layers) {
    std::swap(layer.pre_attention_norm, layer.post_attention_norm);
    std::swap(layer.pre_mlp_norm, layer.post_mlp_norm);
  }
  const Tiny tiny(spec);
  const mil::Function& f = tiny.decode();
  EXPECT_THAT(line(f, "layers_0_k"),
              StartsWith("%layers_0_k: fp16[1, 30, 1, 1] = conv(x=%layers_0_pre_attention_norm, "));
  EXPECT_THAT(line(f, "layers_0_after_attention"), EndsWith("= add(x=%embedding_x, y=%layers_0_o)"));
  EXPECT_THAT(line(f, "layers_0_up"), StartsWith("%layers_0_up: fp16[1, 20, 1, 1] = conv(x=%layers_0_pre_mlp_norm, "));
  EXPECT_THAT(line(f, "layers_0_out"), EndsWith("= add(x=%layers_0_after_attention, y=%layers_0_down)"));
}

TEST(Layers, TheFeedForwardIsGated) {
  const Tiny tiny;
  EXPECT_EQ(line(tiny.decode(), "layers_2_active"), "%layers_2_active: fp16[1, 20, 1, 1] = silu(x=%layers_2_gate)");
  EXPECT_EQ(line(tiny.decode(), "layers_2_product"),
            "%layers_2_product: fp16[1, 20, 1, 1] = mul(x=%layers_2_active, y=%layers_2_up)");
  EXPECT_THAT(line(tiny.decode(), "layers_2_down"),
              StartsWith("%layers_2_down: fp16[1, 24, 1, 1] = conv(x=%layers_2_product, "
                         "weight=%layers_2_down_weight, "));
}

TEST(Layers, AValueNameTellsItsLayer) {
  EXPECT_EQ(layer_name(12, "q"), "layers_12_q");
  EXPECT_EQ(layer_of("layers_12_q"), 12);
  EXPECT_EQ(layer_of("layers_0_key_cache_begin"), 0);
  for (const char* name : {"logits", "layers_x_q", "layers_", ""}) EXPECT_EQ(layer_of(name), -1) << name;
}

}  // namespace
}  // namespace cortland
