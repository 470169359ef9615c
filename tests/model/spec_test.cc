#include "model/spec.h"

#include <gtest/gtest.h>

#include <set>

#include "base/failure.h"
#include "model/exaone4.h"
#include "model/families.h"

namespace cortland {
namespace {

TEST(Spec, InWords) {
  EXPECT_EQ(
      describe(read_spec(exaone4_1b())),
      (std::vector<std::string>{
          "exaone4: 30 layers of width 2048, vocabulary 102400, up to 65536 positions",
          "layers all: 32 query heads, 8 key/value heads of width 64, scores x 0.125, full attention, RoPE llama3 over "
          "64 dimensions, RMS norm (epsilon 1e-05) on each query and key head; gated feed-forward of width 4096 with "
          "silu; RMS norm (epsilon 1e-05) behind attention; RMS norm (epsilon 1e-05) behind feed-forward",
          "final RMS norm (epsilon 1e-05), tied output head", "1279391488 weights in 332 tensors"}));
  const Json config = changed(small_config(), R"({"sliding_window": 7, "sliding_window_pattern": "LLLG",
                                                  "tie_word_embeddings": false, "rope_scaling": null})");
  const std::string common =
      ", RMS norm (epsilon 1e-05) on each query and key head; gated feed-forward of width 6 with silu; RMS norm (epsilon "
      "1e-05) behind attention; RMS norm (epsilon 1e-05) behind feed-forward";
  EXPECT_EQ(
      describe(read_spec(config)),
      (std::vector<std::string>{
          "exaone4: 5 layers of width 8, vocabulary 16, up to 64 positions",
          "layers 0,1,2: 2 query heads, 1 key/value heads of width 4, scores x 0.5, sliding window 7, RoPE default "
          "over 4 dimensions" +
              common,
          "layers 3,4: 2 query heads, 1 key/value heads of width 4, scores x 0.5, full attention, no position encoding" +
              common,
          "final RMS norm (epsilon 1e-05), separate output head", "2064 weights in 58 tensors"}));
}

TEST(Spec, FindsParametersByRole) {
  const ModelSpec spec = read_spec(small_config());
  EXPECT_EQ(spec.find({Role::embedding})->tensors.front(), "model.embed_tokens.weight");
  EXPECT_EQ(spec.find({Role::head}), nullptr);
  EXPECT_EQ(spec.find({Role::gate, 5}), nullptr);
  EXPECT_EQ(spec.find({Role::gate, 4, Part::bias}), nullptr);
  EXPECT_EQ(to_string(ParameterId{Role::gate, 4, Part::bias}), "gate bias of layer 4");
}

TEST(Spec, EveryRoleHasAName) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Role::head); ++i) names.insert(role_name(static_cast<Role>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(Role::head) + 1);
  EXPECT_EQ(names.count("unknown"), 0u);
}

TEST(Spec, EveryTensorOfAModelHasItsOwnName) {
  std::set<std::string> names;
  const ModelSpec spec = read_spec(exaone4_32b());
  for (const Parameter& parameter : spec.parameters) {
    EXPECT_TRUE(names.insert(parameter.tensors.front()).second) << parameter.tensors.front();
  }
}

}  // namespace
}  // namespace cortland
