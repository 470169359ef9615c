#include "quant/row_importance.h"

#include <gtest/gtest.h>

namespace cortland {
namespace {

TEST(RowImportance, IsTheSquareOfTheGain) {
  const std::vector<float> gains{1, -3, 2, 0};
  EXPECT_EQ(row_importance(gains), (std::vector<float>{1 / 3.5f, 9 / 3.5f, 4 / 3.5f, 1e-3f}));
  const std::vector<float> none{0, 0};
  EXPECT_TRUE(row_importance(none).empty());
}

}  // namespace
}  // namespace cortland
