#include "lower/target.h"

#include <gtest/gtest.h>

#include <set>

namespace cortland {
namespace {

TEST(Target, NamesAreUniqueAndVersionsRise) {
  std::set<std::string_view> names;
  int version = 0;
  for (const Target& target : targets()) {
    EXPECT_FALSE(target.name().empty());
    for (const std::string_view name : target.names) EXPECT_TRUE(name.empty() || names.insert(name).second) << name;
    EXPECT_GT(target.specification_version(), version);
    version = target.specification_version();
  }
  EXPECT_EQ(names.size(), 6u);
}

// design.md, section 4: what a newer system adds, an older one lacks.
TEST(Target, WhatEachOneHas) {
  ASSERT_EQ(targets().size(), 2u);
  const Target &old = targets()[0], &now = targets()[1];
  EXPECT_EQ(&now, &default_target());
  EXPECT_EQ(old.specification_version(), 8);
  EXPECT_EQ(mil::opset_name(old.opset), "CoreML7");
  EXPECT_EQ(now.specification_version(), 9);
  EXPECT_EQ(mil::opset_name(now.opset), "CoreML8");
  EXPECT_FALSE(old.has_states || old.has_fused_attention || old.has_grouped_lut || old.has_block_int4);
  EXPECT_TRUE(now.has_states && now.has_fused_attention && now.has_grouped_lut && now.has_block_int4);
  for (const Target& target : targets()) EXPECT_TRUE(target.has_channel_int8 && target.has_tensor_lut);
}

}  // namespace
}  // namespace cortland
