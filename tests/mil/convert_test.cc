#include "mil/ops/convert.h"

#include <limits>

#include "mil/evaluation.h"

namespace cortland::mil {
namespace {

using CastTest = OpTest;

TEST_F(CastTest, TheTypeIsTheOneAskedFor) {
  const Value x = input({DType::f16, {2, kUnknown}});
  EXPECT_EQ(type_of(Cast{.x = x, .dtype = "fp32"}), "fp32[2, ?]");
  EXPECT_EQ(type_of(Cast{.x = x, .dtype = "int32"}), "int32[2, ?]");
  EXPECT_EQ(type_of(Cast{.x = x, .dtype = "bool"}), "bool[2, ?]");
  for (const std::string dtype : {"float16", "int4", "string", ""}) {
    EXPECT_EQ(type_of(Cast{.x = x, .dtype = dtype}),
              "corrupt: op (cast): dtype \"" + dtype + "\" is not one that cast knows");
  }
  EXPECT_EQ(type_of(Cast{.x = input({DType::f16, {2}, true}), .dtype = "fp32"}),
            "corrupt: op (cast): operand b is a state, want a tensor");
}

TEST_F(CastTest, FloatsTruncateTowardsZeroAndStayInRange) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Value x = input(floats({9}, {1.9f, -1.9f, 0.5f, -0.0f, 3e9f, -3e9f, infinity, -infinity,
                                     std::numeric_limits<float>::quiet_NaN()}));
  const Tensor y = run(Cast{.x = x, .dtype = "int32"});
  EXPECT_EQ(std::vector<int32_t>(y.ints().begin(), y.ints().end()),
            (std::vector<int32_t>{1, -1, 0, 0, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, 0}));
  EXPECT_EQ(values_of(run(Cast{.x = x, .dtype = "bool"})), (std::vector<float>{1, 1, 1, 0, 1, 1, 1, 1, 1}));
}

TEST_F(CastTest, IntegersAndFloatsKeepTheirValues) {
  const Value n = input(ints({3}, {0, -2, 7})), x = input(floats({2}, {0.5f, -3}, DType::f16));
  EXPECT_EQ(values_of(run(Cast{.x = n, .dtype = "fp16"})), (std::vector<float>{0, -2, 7}));
  EXPECT_EQ(values_of(run(Cast{.x = n, .dtype = "bool"})), (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(values_of(run(Cast{.x = n, .dtype = "int16"})), (std::vector<float>{0, -2, 7}));
  EXPECT_EQ(values_of(run(Cast{.x = x, .dtype = "fp32"})), (std::vector<float>{0.5f, -3}));
}

}  // namespace
}  // namespace cortland::mil
