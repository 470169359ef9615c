#include "tensor/shape.h"

#include <gtest/gtest.h>

namespace cortland {
namespace {

TEST(Shape, CountsAndStrides) {
  EXPECT_EQ(element_count(Shape{}), 1);
  EXPECT_EQ(element_count(Shape{2, 3, 4}), 24);
  EXPECT_EQ(element_count(Shape{2, 0, 4}), 0);
  EXPECT_EQ(dense_strides(Shape{}), Shape{});
  EXPECT_EQ(dense_strides(Shape{5}), Shape{1});
  EXPECT_EQ(dense_strides(Shape{2, 3, 4}), (Shape{12, 4, 1}));
}

TEST(Shape, PrintsUnknownDimensionsAsAQuestionMark) {
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_EQ(to_string(Shape{7}), "[7]");
  EXPECT_EQ(to_string(Shape{1, 64, kUnknown}), "[1, 64, ?]");
}

}  // namespace
}  // namespace cortland
