// Which constants share a blob, by payload key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "lower/tiny.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;

using Keys = std::set<std::string>;

// The weights of a function; small integers and scalars are literals.
Keys keys(const mil::Function& function) {
  Keys all;
  for (const mil::Operation& op : function.operations) {
    if (const mil::PayloadPtr payload = blob(op)) all.insert(payload->key());
  }
  return all;
}

Keys difference(const Keys& a, const Keys& b) {
  Keys rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
  return rest;
}

AneOptions split(int64_t parts) {
  AneOptions options = tiny_options();
  options.head_splits = parts;
  return options;
}

ModelSpec untied() {
  ModelSpec spec = tiny_spec();
  spec.tied_head = false;
  return spec;
}

// "tensor > constant: recipe" of the uses whose constant begins with `prefix`.
std::vector<std::string> uses(const Tiny& tiny, std::string_view prefix) {
  std::vector<std::string> list;
  for (const WeightUse& use : tiny.report.uses()) {
    if (use.constant.starts_with(prefix)) list.push_back(use.tensor + " > " + use.constant + ": " + use.recipe);
  }
  return list;
}

TEST(Sharing, BothFunctionsUseTheSameWeights) {
  const Tiny tiny;
  // The embedding, 3 x (7 linear layers, 2 head norms, 2 post norms) and the final norm: none twice, none missing.
  EXPECT_EQ(keys(tiny.decode()).size(), 35u);
  EXPECT_EQ(keys(tiny.decode()), keys(tiny.prefill()));
}

TEST(Sharing, ATiedHeadOfOneShardIsTheEmbedding) {
  const Tiny tiny;
  const mil::PayloadPtr head = blob(tiny.decode(), "head_0_weight"), table = blob(tiny.prefill(), "embedding_weight");
  EXPECT_EQ(head->key(), table->key());
  EXPECT_EQ(head->shape(), (Shape{150, 24, 1, 1}));
  EXPECT_EQ(table->shape(), (Shape{150, 24}));
  EXPECT_EQ(mil::produce_all(*head), mil::produce_all(*table));
}

TEST(Sharing, ATiedHeadOfMoreShardsIsACopy) {
  const Tiny tiny(tiny_spec(), split(2));
  EXPECT_EQ(difference(keys(tiny.prefill()), keys(tiny.decode())), Keys{});
  EXPECT_EQ(difference(keys(tiny.decode()), keys(tiny.prefill())),
            (Keys{"fp16 embedding[0:+3072] x 1", "fp16 embedding[3072:+528] x 1"}));
  // Together the shards are the table.
  std::vector<uint16_t> rows = bits_of_blob(*blob(tiny.decode(), "head_0_weight"));
  const std::vector<uint16_t> last = bits_of_blob(*blob(tiny.decode(), "head_1_weight"));
  EXPECT_EQ(rows.size(), 128u * 24);
  EXPECT_EQ(last.size(), 22u * 24);
  rows.insert(rows.end(), last.begin(), last.end());
  EXPECT_EQ(rows, bits_of_blob(*blob(tiny.decode(), "embedding_weight")));
}

TEST(Sharing, AHeadOfItsOwnIsOnlyInDecode) {
  const Tiny tiny(untied());
  EXPECT_EQ(difference(keys(tiny.prefill()), keys(tiny.decode())), Keys{});
  EXPECT_EQ(difference(keys(tiny.decode()), keys(tiny.prefill())), Keys{"fp16 head[0:+3600] x 1"});
}

TEST(Sharing, ShardsAreJoinedOnTheLastAxis) {
  const Tiny tiny(untied(), split(2));
  const mil::Function& f = tiny.decode();
  EXPECT_EQ(line(f, "head_0_logits"), "%head_0_logits: fp16[1, 1, 128] = reshape(x=%head_0, shape=[1, 1, 128])");
  EXPECT_EQ(line(f, "head_1_logits"), "%head_1_logits: fp16[1, 1, 22] = reshape(x=%head_1, shape=[1, 1, 22])");
  EXPECT_EQ(line(f, "head_logits"),
            "%logits: fp16[1, 1, 150] = concat(values=(%head_0_logits, %head_1_logits), axis=2, interleave=false)");
  EXPECT_EQ(blob(tiny.prefill(), "head_0_weight"), nullptr);
}

TEST(Sharing, TheReportTellsEveryUseOnce) {
  const Tiny tiny(tiny_spec(), split(2));
  EXPECT_THAT(uses(tiny, "layers_0_"),
              ElementsAre("0.query F32 [60, 24] > layers_0_q_weight: fp16 [60, 24, 1, 1]",
                          "0.query_norm F32 [10] > layers_0_q_norm_gain: times 0.25, then as many zeros, fp16 [20]",
                          "0.key F32 [30, 24] > layers_0_k_weight: fp16 [30, 24, 1, 1]",
                          "0.key_norm F32 [10] > layers_0_k_norm_gain: times 1, then as many zeros, fp16 [20]",
                          "0.value F32 [30, 24] > layers_0_v_weight: fp16 [30, 24, 1, 1]",
                          "0.attention_output F32 [24, 60] > layers_0_o_weight: fp16 [24, 60, 1, 1]",
                          "0.post_attention_norm F32 [24] > layers_0_post_attention_norm_gain: times 1, then as many "
                          "zeros, fp16 [48]",
                          "0.gate F32 [20, 24] > layers_0_gate_weight: fp16 [20, 24, 1, 1]",
                          "0.up F32 [20, 24] > layers_0_up_weight: fp16 [20, 24, 1, 1]",
                          "0.down F32 [24, 20] > layers_0_down_weight: fp16 [24, 20, 1, 1]",
                          "0.post_mlp_norm F32 [24] > layers_0_post_mlp_norm_gain: times 1, then as many zeros, "
                          "fp16 [48]"));
  EXPECT_THAT(uses(tiny, "embedding"), ElementsAre("embedding F32 [150, 24] > embedding_weight: fp16 [150, 24]"));
  EXPECT_THAT(uses(tiny, "head"),
              ElementsAre("embedding F32 [150, 24] > head_0_weight: rows 0 to 127, fp16 [128, 24, 1, 1]",
                          "embedding F32 [150, 24] > head_1_weight: rows 128 to 149, fp16 [22, 24, 1, 1]"));
  EXPECT_EQ(tiny.report.uses().size(), 37u);
}

}  // namespace
}  // namespace cortland
