#include "mil/ops/norm.h"

#include <cmath>

#include "mil/evaluation.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

using SoftmaxTest = OpTest;
using LayerNormTest = OpTest;

TEST_F(SoftmaxTest, Types) {
  const Value x = input({DType::f16, {2, kUnknown}});
  EXPECT_EQ(type_of(Softmax{.x = x}), "fp16[2, ?]");
  EXPECT_EQ(type_of(Softmax{.x = x, .axis = -3}), "corrupt: op (softmax): axis -3 is out of range for rank 2");
  EXPECT_EQ(type_of(Softmax{.x = input({DType::i32, {2}})}),
            "corrupt: op (softmax): operand b: got int32[2], want fp16 or fp32");
}

TEST_F(SoftmaxTest, EveryAxisByTheDefinition) {
  const Shape shape{2, 3, 4};
  const std::vector<float> x = exact_numbers(24, 1, 6);
  const Value a = input(floats(shape, x));
  for (int32_t axis = -3; axis < 3; ++axis) {
    const auto at = static_cast<size_t>((axis + 3) % 3);
    const std::vector<float> y = values_of(run(Softmax{.x = a, .axis = axis}));
    for_each_index(shape, [&](const Shape& index) {
      double sum = 0;
      for (int64_t i = 0; i < shape[at]; ++i) {
        Shape other = index;
        other[at] = i;
        sum += std::exp(static_cast<double>(x[offset_of(shape, other)]));
      }
      EXPECT_NEAR(y[offset_of(shape, index)], std::exp(static_cast<double>(x[offset_of(shape, index)])) / sum, 1e-6);
    });
  }
}

TEST_F(LayerNormTest, Types) {
  const Value x = input({DType::f16, {1, 4, kUnknown}}), gamma = input({DType::f16, {4}}),
              wide = input({DType::f32, {4}});
  const Value five = input({DType::f16, {5}});
  const Scalar epsilon{1e-5f, DType::f16};
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {1}, .gamma = gamma, .beta = gamma, .epsilon = epsilon}),
            "fp16[1, 4, ?]");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {-3, -2}, .epsilon = epsilon}), "fp16[1, 4, ?]");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {}, .epsilon = epsilon}),
            "corrupt: op (layer_norm): axes: want at least one");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {0, 2}, .epsilon = epsilon}),
            "corrupt: op (layer_norm): axes [0, 2]: want consecutive ones");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {1, 0}, .epsilon = epsilon}),
            "corrupt: op (layer_norm): axes [1, 0]: want consecutive ones");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {3}, .epsilon = epsilon}),
            "corrupt: op (layer_norm): axis 3 is out of range for rank 3");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {1}, .gamma = five, .epsilon = epsilon}),
            "corrupt: op (layer_norm): gamma or beta fp16[5]: want fp16[4]");
  EXPECT_EQ(type_of(LayerNorm{.x = x, .axes = {1}, .beta = wide, .epsilon = epsilon}),
            "corrupt: op (layer_norm): gamma or beta fp32[4]: want fp16[4]");
}

TEST_F(LayerNormTest, ChannelsFirstByTheDefinitionWithActivationsOfTenThousand) {
  const Shape shape{1, 32, 1, 3};
  const std::vector<float> x = exact_numbers(96, 1, 1e4f), gamma = exact_numbers(32, 2), beta = exact_numbers(32, 3);
  const float epsilon = 1e-3f;
  const Value a = input(floats(shape, x)), g = input(floats({32}, gamma)), b = input(floats({32}, beta));
  const std::vector<float> plain = values_of(run(LayerNorm{.x = a, .axes = {1}, .epsilon = {epsilon, DType::f32}}));
  const std::vector<float> full =
      values_of(run(LayerNorm{.x = a, .axes = {-3}, .gamma = g, .beta = b, .epsilon = {epsilon, DType::f32}}));
  for (size_t t = 0; t < 3; ++t) {
    double mean = 0, variance = 0;
    for (size_t c = 0; c < 32; ++c) mean += x[c * 3 + t] / 32.0;
    for (size_t c = 0; c < 32; ++c) variance += (x[c * 3 + t] - mean) * (x[c * 3 + t] - mean) / 32.0;
    for (size_t c = 0; c < 32; ++c) {
      const double want = (x[c * 3 + t] - mean) / std::sqrt(variance + epsilon);
      EXPECT_NEAR(plain[c * 3 + t], want, 1e-6);
      EXPECT_NEAR(full[c * 3 + t], want * gamma[c] + beta[c], 2e-6);
    }
  }
}

TEST_F(LayerNormTest, SeveralAxesAreOneLine) {
  const Value x = input(floats({2, 2, 2}, {1, 2, 3, 4, 10, 10, 20, 20}));
  const std::vector<float> y = values_of(run(LayerNorm{.x = x, .axes = {1, 2}, .epsilon = {0, DType::f32}}));
  const double one = 1 / std::sqrt(1.25);
  const double want[] = {-1.5 * one, -0.5 * one, 0.5 * one, 1.5 * one, -1, -1, 1, 1};
  for (size_t i = 0; i < 8; ++i) EXPECT_NEAR(y[i], want[i], 1e-6) << i;
}

}  // namespace
}  // namespace cortland::mil
