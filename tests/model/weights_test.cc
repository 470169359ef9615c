#include "model/weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/failure.h"
#include "base/memory_file.h"
#include "model/exaone4.h"
#include "model/families.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

class WeightsTest : public ::testing::Test {
 protected:
  // The tensors of the spec in F16, all zero.
  std::vector<StoredTensor> tensors() const {
    std::vector<StoredTensor> list;
    for (const Parameter& p : spec_.parameters) {
      list.push_back(
          {p.tensors.front(), "F16", p.shape, std::string(static_cast<size_t>(element_count(p.shape)) * 2, '\0')});
    }
    return list;
  }
  static StoredTensor& named(std::vector<StoredTensor>& list, std::string_view name) {
    return *std::find_if(list.begin(), list.end(), [&](const StoredTensor& tensor) { return tensor.name == name; });
  }
  static Checkpoint open(const std::vector<StoredTensor>& list) {
    MemoryFileSystem files;
    write_file(files, "m/model.safetensors", safetensors_text(list));
    return Checkpoint::open(files, "m");
  }
  std::string failure_of(const std::function<void(std::vector<StoredTensor>&)>& change) const {
    std::vector<StoredTensor> list = tensors();
    change(list);
    const Checkpoint checkpoint = open(list);
    return failure([&] { Weights weights(spec_, checkpoint); });
  }

  ModelSpec spec_ = read_spec(small_config());
};

TEST_F(WeightsTest, BindsEveryParameter) {
  std::vector<StoredTensor> list = tensors();
  named(list, "model.layers.3.self_attn.q_norm.weight") = {
      "model.layers.3.self_attn.q_norm.weight", "BF16", {4}, "12345678"};
  named(list, "model.norm.weight") = {"model.norm.weight", "F32", {8}, std::string(32, '\0')};
  const Checkpoint checkpoint = open(list);
  const Weights weights(spec_, checkpoint);
  EXPECT_EQ(&weights.checkpoint(), &checkpoint);
  EXPECT_TRUE(weights.ignored().empty());
  for (const Parameter& p : spec_.parameters) {
    EXPECT_EQ(weights.binding(p.id).entries.front(), checkpoint.find(p.tensors.front())) << p.tensors.front();
  }
  EXPECT_EQ(weights.binding({Role::query_norm, 3}).entries.front()->dtype, DType::bf16);
  EXPECT_EQ(failure([&] { weights.binding({Role::head}); }), "invalid: the model has no parameter head");
}

TEST_F(WeightsTest, AStaleHeadOfATiedModelIsIgnored) {
  std::vector<StoredTensor> list = tensors();
  list.push_back({"lm_head.weight", "I8", {3}, "old"});
  const Checkpoint checkpoint = open(list);
  EXPECT_EQ(Weights(spec_, checkpoint).ignored(), std::vector<std::string>{"lm_head.weight"});
}

TEST_F(WeightsTest, AMissingHeadOfAnotherModelIsNot) {
  spec_ = read_spec(changed(small_config(), R"({"tie_word_embeddings": false})"));
  EXPECT_EQ(failure_of([](auto& list) {
              std::erase_if(list, [](const StoredTensor& tensor) { return tensor.name == "lm_head.weight"; });
            }),
            "corrupt: m: tensor lm_head.weight is missing; want [16, 8]");
}

TEST_F(WeightsTest, RefusesAnElementTypeThatIsNotFloating) {
  const auto with_dtype = [&](const std::string& dtype, size_t size) {
    return failure_of([&](auto& list) {
      named(list, "model.norm.weight") = {"model.norm.weight", dtype, {8}, std::string(size, '\0')};
    });
  };
  EXPECT_EQ(with_dtype("F64", 64), "no error");
  const std::pair<std::string, size_t> types[] = {{"I8", 8}, {"U8", 8}, {"I32", 32}, {"BOOL", 8}, {"F8_E4M3", 8}};
  for (const auto& [dtype, size] : types) {
    EXPECT_EQ(with_dtype(dtype, size), "unsupported: m: tensor model.norm.weight: got " + dtype +
                                           ", want F16, BF16 or F32 (config.json says of no quantization)");
  }
}

TEST_F(WeightsTest, RefusesUnknownTensors) {
  EXPECT_EQ(
      failure_of([](auto& list) { list.push_back({"model.layers.0.self_attn.q_proj.bias\n", "F16", {0}, ""}); }),
      R"(unsupported: m: tensor model.layers.0.self_attn.q_proj.bias\x0a is not part of a model of type exaone4)");
  EXPECT_EQ(failure_of([](auto& list) { list.push_back({"lm_head.weight2", "F16", {0}, ""}); }),
            "unsupported: m: tensor lm_head.weight2 is not part of a model of type exaone4");
}

TEST_F(WeightsTest, EveryReasonInOneMessage) {
  EXPECT_EQ(failure_of([](auto& list) {
              named(list, "model.norm.weight") = {"model.norm.weight", "F16", {2, 4}, std::string(16, '\0')};
              named(list, "model.embed_tokens.weight").name = "wte";
              named(list, "model.layers.4.mlp.down_proj.weight").dtype = "I16";
            }),
            R"(corrupt: m: 4 reasons:
  - tensor model.layers.4.mlp.down_proj.weight: got I16, want F16, BF16 or F32 (config.json says of no quantization)
  - tensor model.embed_tokens.weight is missing; want [16, 8]
  - tensor model.norm.weight: got shape [2, 4], want [8]
  - tensor wte is not part of a model of type exaone4)");
}

}  // namespace
}  // namespace cortland
