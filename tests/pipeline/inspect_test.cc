#include "pipeline/inspect.h"

#include <gtest/gtest.h>

#include "pipeline/package_fixture.h"

namespace cortland {
namespace {

// The code is the one that convert would fail with.
TEST_F(PackageTest, ACheckpointThatCannotBeConvertedHasItsCode) {
  EXPECT_EQ(inspect_checkpoint(disk(), golden_folder("exaone4-full")).failure, std::nullopt);
  const std::string checkpoint = copy_golden("exaone4-full", "checkpoint"),
                    config = join_path(checkpoint, "config.json");
  disk().write_text(config, R"({"model_type": "rwkv"})");
  EXPECT_EQ(inspect_checkpoint(disk(), checkpoint).failure, ErrorCode::unsupported);
  disk().write_text(config, "{");
  EXPECT_EQ(inspect_checkpoint(disk(), checkpoint).failure, ErrorCode::corrupt);
  disk().remove_all(config);
  EXPECT_EQ(inspect_checkpoint(disk(), checkpoint).failure, ErrorCode::not_found);
}

}  // namespace
}  // namespace cortland
