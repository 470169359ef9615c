// One state, written in the only form that stays on the Neural Engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lower/tiny.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;

// The types of the operations from `first` to `last`.
std::vector<std::string> types_between(const mil::Function& function, std::string_view first, std::string_view last) {
  std::vector<std::string> types;
  bool is_inside = false;
  for (const mil::Operation& op : function.operations) {
    is_inside = is_inside || op.name == first;
    if (is_inside) types.push_back(op.type);
    if (op.name == last) break;
  }
  return types;
}

TEST(Cache, EachWriteIsReadUpdateWriteReadWithNothingBetween) {
  const Tiny tiny;
  for (const mil::Function& function : tiny.program.functions) {
    const std::vector<mil::Operation>& ops = function.operations;
    size_t writes = 0;
    for (size_t i = 0; i < ops.size(); ++i) {
      if (ops[i].type != "write_state") continue;
      ++writes;
      ASSERT_GE(i, 2u);
      EXPECT_EQ(ops[i - 2].type, "read_state") << ops[i].name;
      EXPECT_EQ(ops[i - 1].type, "slice_update") << ops[i].name;
      // The next read begins the next write or serves the attention; only constants and offsets may come before it.
      size_t next = i + 1;
      while (next < ops.size() && (ops[next].type == "const" || ops[next].type == "concat")) ++next;
      ASSERT_LT(next, ops.size());
      EXPECT_EQ(ops[next].type, "read_state") << ops[i].name;
    }
    EXPECT_EQ(writes, 6u) << "keys and values of three layers";
    EXPECT_EQ(count_of(function, "read_state"), 9u);
    EXPECT_EQ(count_of(function, "slice_update"), 6u);
  }
  EXPECT_THAT(types_between(tiny.decode(), "layers_1_value_cache_before", "layers_1_cache"),
              ElementsAre("read_state", "slice_update", "write_state", "read_state"));
}

TEST(Cache, KeysOfALayerAreWrittenAtThePosition) {
  const Tiny tiny;
  const mil::Function& f = tiny.prefill();
  EXPECT_EQ(line(f, "token_count"), "%token_count: int32[1] = const(val=[8])");
  EXPECT_EQ(line(f, "position_end"), "%position_end: int32[1] = add(x=%position, y=%token_count)");
  EXPECT_EQ(line(f, "layers_1_key_cache_first"), "%layers_1_key_cache_first: int32[2] = const(val=[1, 0])");
  EXPECT_EQ(line(f, "layers_1_key_cache_last"), "%layers_1_key_cache_last: int32[2] = const(val=[2, 4])");
  EXPECT_EQ(line(f, "layers_1_key_cache_zero"), "%layers_1_key_cache_zero: int32[1] = const(val=[0])");
  EXPECT_EQ(line(f, "layers_1_key_cache_width"), "%layers_1_key_cache_width: int32[1] = const(val=[32])");
  EXPECT_EQ(line(f, "layers_1_key_cache_begin"),
            "%layers_1_key_cache_begin: int32[4] = concat(values=(%layers_1_key_cache_first, %position, "
            "%layers_1_key_cache_zero), axis=0, interleave=false)");
  EXPECT_EQ(line(f, "layers_1_key_cache_end"),
            "%layers_1_key_cache_end: int32[4] = concat(values=(%layers_1_key_cache_last, %position_end, "
            "%layers_1_key_cache_width), axis=0, interleave=false)");
  EXPECT_EQ(line(f, "layers_1_key_cache_before"),
            "%layers_1_key_cache_before: fp16[6, 4, 64, 32] = read_state(input=%kv)");
  EXPECT_EQ(line(f, "layers_1_key_cache_update"),
            "%layers_1_key_cache_update: fp16[6, 4, 64, 32] = slice_update(x=%layers_1_key_cache_before, "
            "update=%layers_1_k_padded, begin=%layers_1_key_cache_begin, end=%layers_1_key_cache_end, "
            "stride=[1, 1, 1, 1], begin_mask=[false, false, false, false], end_mask=[false, false, false, false], "
            "squeeze_mask=[false, false, false, false])");
  EXPECT_EQ(line(f, "layers_1_key_cache_write"), "write_state(input=%kv, data=%layers_1_key_cache_update)");
}

TEST(Cache, ValuesLieBehindTheKeysOfAllLayers) {
  const Tiny tiny;
  const mil::Function& f = tiny.decode();
  EXPECT_EQ(line(f, "token_count"), "%token_count: int32[1] = const(val=[1])");
  EXPECT_EQ(line(f, "layers_1_value_cache_first"), "%layers_1_value_cache_first: int32[2] = const(val=[4, 0])");
  EXPECT_EQ(line(f, "layers_1_value_cache_last"), "%layers_1_value_cache_last: int32[2] = const(val=[5, 4])");
  EXPECT_THAT(line(f, "layers_1_value_cache_update"), ::testing::HasSubstr("update=%layers_1_v_padded, "));
  EXPECT_EQ(line(f, "layers_1_cache"), "%layers_1_cache: fp16[6, 4, 64, 32] = read_state(input=%kv)");
  EXPECT_EQ(line(f, "layers_1_keys"),
            "%layers_1_keys: fp16[1, 4, 64, 32] = slice_by_index(x=%layers_1_cache, begin=[1, 0, 0, 0], "
            "end=[2, 4, 64, 32])");
  EXPECT_EQ(line(f, "layers_1_values"),
            "%layers_1_values: fp16[1, 4, 64, 32] = slice_by_index(x=%layers_1_cache, begin=[4, 0, 0, 0], "
            "end=[5, 4, 64, 32])");
}

}  // namespace
}  // namespace cortland
