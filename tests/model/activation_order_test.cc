#include "model/activation_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/memory_file.h"
#include "model/weights.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  std::string text(values.size() * sizeof(T), '\0');
  std::memcpy(text.data(), values.data(), text.size());
  return text;
}

// D 8, F 16; gate is row r of value r, up row 15 - r.
ModelSpec make_spec() {
  ModelSpec spec;
  const auto add = [&](Role role, int64_t layer, const Shape& shape, const std::string& name) {
    spec.parameters.push_back({.id = {role, layer}, .shape = shape, .tensors = {name + ".weight"}, .stored = shape});
  };
  add(Role::embedding, -1, {1, 8}, "embedding");
  add(Role::gate, 0, {16, 8}, "gate");
  add(Role::up, 0, {16, 8}, "up");
  add(Role::down, 0, {8, 16}, "down");
  spec.parameters[2].rows = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  return spec;
}

// The columns of down alternate between two groups; the code of column c in each row is c.
Checkpoint make_checkpoint() {
  std::vector<float> rows(16 * 8);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i / 8);
  std::vector<uint32_t> codes(16, 0x76543210);
  std::fill(codes.begin() + 8, codes.end(), 0xfedcba98);
  std::vector<int32_t> groups;
  for (int32_t c = 0; c < 16; ++c) groups.push_back(c % 2);
  MemoryFileSystem files;
  write_file(files, "m/config.json",
             R"({"quantization_config": {"quant_method": "gptq", "bits": 4, "checkpoint_format": "gptq_v2"}})");
  write_file(files, "m/model.safetensors",
             safetensors_text({{"embedding.weight", "F32", {1, 8}, std::string(32, '\0')},
                               {"gate.weight", "F32", {16, 8}, bytes_of(rows)},
                               {"up.weight", "F32", {16, 8}, bytes_of(rows)},
                               {"down.qweight", "I32", {2, 8}, bytes_of(codes)},
                               {"down.qzeros", "I32", {2, 1}, std::string(8, '\0')},
                               {"down.scales", "F32", {2, 8}, bytes_of(std::vector<float>(16, 1))},
                               {"down.g_idx", "I32", {16}, bytes_of(groups)}}));
  return Checkpoint::open(files, "m");
}

TEST(ActivationOrder, ChannelsOfTheFeedForwardPartAreSortedByGroup) {
  const Checkpoint checkpoint = make_checkpoint();
  ModelSpec spec = make_spec();
  undo_activation_order(spec, checkpoint);
  const Weights weights(spec, checkpoint);
  const std::vector<float> gate = weights.values({Role::gate, 0}), up = weights.values({Role::up, 0}),
                           down = weights.values({Role::down, 0});
  const std::vector<float> order = {0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15};
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(gate[i * 8], order[i]);
    EXPECT_EQ(up[i * 8], 15 - order[i]);
    EXPECT_EQ(down[i], order[i]);
    EXPECT_EQ(down[7 * 16 + i], order[i]);
  }
  std::vector<float> part(20);
  weights.read(weights.binding({Role::down, 0}), 5, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), down.begin() + 5));
}

}  // namespace
}  // namespace cortland
