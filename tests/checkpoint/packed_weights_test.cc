#include "checkpoint/packed_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "base/failure.h"
#include "base/memory_file.h"
#include "checkpoint/packed_codes.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kGptq = R"({"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": -1}})";
constexpr const char* kGptq2 =
    R"({"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": -1, "checkpoint_format": "gptq_v2"}})";
constexpr const char* kAwq =
    R"({"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": -1, "version": "gemm"}})";
constexpr const char* kCompressed =
    R"({"quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized",
        "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int", "strategy": "channel"}}}}})";

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  std::string text(values.size() * sizeof(T), '\0');
  std::memcpy(text.data(), values.data(), text.size());
  return text;
}

StoredTensor words(const std::string& name, const Shape& shape, const std::vector<uint32_t>& values) {
  return {name, "I32", shape, bytes_of(values)};
}

StoredTensor floats(const std::string& name, const Shape& shape, const std::vector<float>& values) {
  return {name, "F32", shape, bytes_of(values)};
}

Checkpoint open(const std::string& config, const std::vector<StoredTensor>& tensors) {
  MemoryFileSystem files;
  write_file(files, "m/config.json", config);
  write_file(files, "m/model.safetensors", safetensors_text(tensors));
  return Checkpoint::open(files, "m");
}

std::vector<float> values_of(const Checkpoint& checkpoint, const std::string& name = "a.weight") {
  const TensorEntry* entry = checkpoint.find(name);
  if (entry == nullptr) return {};
  std::vector<float> values(static_cast<size_t>(element_count(entry->shape)));
  checkpoint.read_floats(*entry, 0, values);
  return values;
}

// Eight columns and eight rows; row r has the scale r + 1. The word of columns of row 0 holds 0 to 7.
std::vector<StoredTensor> gptq_layer() {
  return {words("a.qweight", {1, 8}, {0x76543210, 0, 0, 0, 0, 0, 0, 0xf0000000}),
          words("a.qzeros", {1, 1}, {0x0f777770}), floats("a.scales", {1, 8}, {1, 2, 3, 4, 5, 6, 7, 8})};
}

TEST(PackedWeights, GptqHoldsColumnsInWordsAndZerosLessOne) {
  const Checkpoint checkpoint = open(kGptq, gptq_layer());
  ASSERT_EQ(checkpoint.tensors().size(), 1u);
  const TensorEntry& entry = checkpoint.tensors().front();
  EXPECT_EQ(entry.shape, (Shape{8, 8}));
  EXPECT_EQ(entry.type_name(), "GPTQ int4");
  EXPECT_EQ(entry.size_bytes, 32u + 4 + 32);
  const std::vector<float> values = values_of(checkpoint);
  EXPECT_THAT(std::vector(values.begin(), values.begin() + 8), ElementsAre(-1, 0, 1, 2, 3, 4, 5, 6));  // zero 0 + 1
  EXPECT_EQ(values[8], 2 * -8);
  EXPECT_EQ(values[6 * 8], 7 * 0);  // zero 15 + 1 is 0
  EXPECT_EQ(values[7 * 8 + 7], 8 * (15 - 1));
}

TEST(PackedWeights, Gptq2HoldsZeros) { EXPECT_EQ(values_of(open(kGptq2, gptq_layer()))[8], 2 * -7); }

TEST(PackedWeights, GroupsOfColumnsMayBeInAnyOrder) {
  std::vector<StoredTensor> layer = gptq_layer();
  layer[1] = words("a.qzeros", {2, 1}, {0, 0x77777777});
  layer[2] = floats("a.scales", {2, 8}, {1, 1, 1, 1, 1, 1, 1, 1, 10, 1, 1, 1, 1, 1, 1, 1});
  layer.push_back(words("a.g_idx", {8}, {0, 1, 0, 1, 0, 1, 0, 1}));
  const Checkpoint checkpoint = open(kGptq, layer);
  const std::vector<float> values = values_of(checkpoint);
  EXPECT_THAT(std::vector(values.begin(), values.begin() + 4), ElementsAre(-1, -70, 1, -50));
  const StoredCodes& codes = *checkpoint.find("a.weight")->codes;
  EXPECT_THAT(codes.columns_by_group(), ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
  EXPECT_FALSE(codes.traits().is_centred);
  layer.back() = words("a.g_idx", {8}, {0, 0, 0, 0, 1, 1, 1, 1});
  EXPECT_TRUE(open(kGptq, layer).find("a.weight")->codes->traits().group_of.empty());
  layer.back() = words("a.g_idx", {8}, {0, 0, 0, 0, 1, 1, 1, 2});
  EXPECT_THAT(failure([&] { values_of(open(kGptq, layer)); }), HasSubstr("the group of column 7: got 2, want 0 to 1"));
  layer.back() = words("a.g_idx", {8}, {0, 0, 0, 1, 1, 1, 1, 1});
  EXPECT_THAT(failure([&] { values_of(open(kGptq, layer)); }),
              HasSubstr("its groups differ in size; want 4 columns in each"));
}

TEST(PackedWeights, AwqInterleavesRows) {
  const Checkpoint checkpoint = open(kAwq, {words("a.qweight", {1, 1}, {0x76543210}), words("a.qzeros", {1, 1}, {0}),
                                            floats("a.scales", {1, 8}, {1, 1, 1, 1, 1, 1, 1, 1})});
  EXPECT_THAT(values_of(checkpoint), ElementsAre(0, 4, 1, 5, 2, 6, 3, 7));
}

TEST(PackedWeights, CompressedTensorsPadRows) {
  const Checkpoint checkpoint =
      open(kCompressed, {words("a.weight_packed", {2, 2}, {0x76543210, 0xa9, 0x88888888, 0x8f}),
                         {"a.weight_shape", "I64", {2}, bytes_of<int64_t>({2, 10})},
                         floats("a.weight_scale", {2, 1}, {1, 2}),
                         words("a.weight_zero_point", {1, 1}, {0x89})});
  const std::vector<float> values = values_of(checkpoint);
  ASSERT_EQ(values.size(), 20u);
  EXPECT_THAT(std::vector(values.begin(), values.begin() + 10), ElementsAre(-9, -8, -7, -6, -5, -4, -3, -2, 0, 1));
  EXPECT_THAT(std::vector(values.begin() + 17, values.end()), ElementsAre(0, 14, 0));
}

TEST(PackedWeights, CompressedTensorsInBytes) {
  const Checkpoint checkpoint = open(kCompressed, {{"a.weight", "I8", {1, 3}, std::string("\xff\x00\x7f", 3)},
                                                   floats("a.weight_scale", {1, 1}, {2}),
                                                   {"b.weight", "F16", {1}, "ab"}});
  EXPECT_THAT(values_of(checkpoint), ElementsAre(-2, 0, 254));
  EXPECT_TRUE(checkpoint.find("a.weight")->codes->traits().is_centred);
  EXPECT_EQ(checkpoint.find("b.weight")->codes, nullptr);
}

TEST(PackedWeights, PartsThatBeginAndEndAnywhere) {
  const Checkpoint checkpoint = open(kGptq, gptq_layer());
  const std::vector<float> all = values_of(checkpoint);
  for (size_t first = 0; first < all.size(); first += 5) {
    std::vector<float> part(std::min<size_t>(13, all.size() - first));
    checkpoint.read_floats(*checkpoint.find("a.weight"), static_cast<int64_t>(first), part);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(first))) << first;
  }
}

TEST(PackedWeights, TraitsOfScales) {
  const auto traits_of = [](float scale) {
    std::vector<StoredTensor> layer = gptq_layer();
    layer[2] = floats("a.scales", {1, 8}, {1, 2, 3, 4, 5, 6, 7, scale});
    return open(kGptq, layer).find("a.weight")->codes->traits();
  };
  EXPECT_TRUE(traits_of(-1).has_negative_scales);
  EXPECT_FALSE(traits_of(1).has_negative_scales);
  EXPECT_TRUE(traits_of(0.5f).has_half_scales);
  EXPECT_FALSE(traits_of(0.1f).has_half_scales);
}

TEST(PackedWeights, DamagedLayers) {
  const auto failure_of = [](const std::function<void(std::vector<StoredTensor>&)>& change) {
    std::vector<StoredTensor> layer = gptq_layer();
    change(layer);
    return failure([&] { open(kGptq, layer); });
  };
  EXPECT_EQ(failure_of([](auto& l) { l.pop_back(); }),
            "corrupt: m/model.safetensors: tensor a.qweight: tensor a.scales is missing beside it");
  EXPECT_EQ(failure_of([](auto& l) { l[0].dtype = "F32"; }),
            "corrupt: m/model.safetensors: tensor a.qweight: got F32 [1, 8], want I32 of two axes");
  EXPECT_EQ(failure_of([](auto& l) { l[1] = words("a.qzeros", {1, 2}, {0, 0}); }),
            "corrupt: m/model.safetensors: tensor a.qzeros: got I32 [1, 2], want I32 [1, 1]");
  EXPECT_EQ(
      failure_of([](auto& l) { l[2] = floats("a.scales", {3, 8}, std::vector<float>(24)); }),
      "corrupt: m/model.safetensors: tensor a.scales: got F32 [3, 8], want F16, BF16 or F32 scales of 8 rows, for groups that divide 8 columns");
  EXPECT_EQ(failure_of([](auto& l) { l.push_back({"a.weight", "F16", {1}, "ab"}); }),
            "corrupt: m/model.safetensors: tensor a.weight: is there in two forms");
  EXPECT_THAT(failure([] {
                open(kCompressed, {words("a.weight_packed", {2, 1}, {0, 0}),
                                   {"a.weight_shape", "I64", {2}, bytes_of<int64_t>({2, 9})},
                                   floats("a.weight_scale", {2, 1}, {1, 2})});
              }),
              HasSubstr("a.weight_packed: [2, 1] does not hold [2, 9] codes of 4 or 8 bits"));
}

}  // namespace
}  // namespace cortland
