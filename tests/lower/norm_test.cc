// The lowered RMS norm, run as a device would with fp16 results, against RMS norm in double.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "interp/machine.h"
#include "lower/parts.h"
#include "lower/tiny.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

constexpr size_t kChannels = 1, kWidth = 3;
constexpr double kSmallEpsilon = 0x1p-22;  // exact in fp16

struct NormCase {
  Role gain = Role::final_norm;
  int64_t layer = -1;
  size_t axis = kChannels;
  Shape shape = {1, 24, 1, 3};  // [1, D, 1, T], or heads [1, H, T, E]
  double epsilon = 1e-5, scale = 1;
  Layout layout = Layout::channels_first;
};

mil::Function norm_function(const Tiny& tiny, const NormCase& c, WeightReport& report) {
  WeightStore store(tiny.weights, tiny.plan, report);
  Graph graph{.plan = tiny.plan,
              .weights = tiny.weights,
              .store = store,
              .report = report,
              .builder = mil::Builder("main", mil::Opset::coreml8),
              .tokens = 3,
              .layout = c.layout};
  const mil::Value x = graph.builder.input("x", {DType::f16, c.shape});
  graph.builder.output(lower_norm(graph, "y", x, c.axis, {.epsilon = c.epsilon}, c.gain, c.layer, c.scale), "out");
  return graph.builder.finish();
}

// x * rsqrt(mean(x^2) + epsilon) * gain * scale.
std::vector<double> norm_in_double(const NormCase& c, const std::vector<float>& x, const std::vector<float>& gain) {
  const size_t n = gain.size(), inner = c.layout == Layout::channels_first && c.axis == kChannels ? 3 : 1;
  std::vector<double> y(x.size());
  for (size_t start = 0; start < x.size() / n; ++start) {
    const size_t first = start / inner * n * inner + start % inner;
    double square = 0;
    for (size_t i = 0; i < n; ++i) square += std::pow(static_cast<double>(x[first + i * inner]), 2);
    const double factor = c.scale / std::sqrt(square / static_cast<double>(n) + c.epsilon);
    for (size_t i = 0; i < n; ++i) y[first + i * inner] = x[first + i * inner] * factor * static_cast<double>(gain[i]);
  }
  return y;
}

// fp16 numbers of both signs up to `magnitude`.
std::vector<float> activations(const Shape& shape, float magnitude) {
  std::vector<float> x = tiny_numbers(static_cast<size_t>(element_count(shape)), 11);
  for (float& value : x) value *= 2 * magnitude;
  round_to_half(x);
  return x;
}

std::vector<float> run_in_fp16(const NormCase& c, const std::vector<float>& x) {
  const Tiny tiny;
  WeightReport report;
  Machine machine(norm_function(tiny, c, report), Math::fp16);
  return machine.run({{"x", floats(c.shape, x, DType::f16)}});
}

// The result within two roundings of fp16, relative to its size.
void expect_norm(const NormCase& c, const std::vector<float>& x, double tolerance = 0x1p-10) {
  const Tiny tiny;
  const std::vector<float> y = run_in_fp16(c, x);
  const std::vector<double> want =
      norm_in_double(c, x, tiny.weights.values({c.gain, c.layer}));
  ASSERT_EQ(y.size(), want.size());
  for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], want[i], tolerance * std::abs(want[i]) + 0x1p-25) << i;
}

double sum_of_squares(const std::vector<float>& x) {
  double sum = 0;
  for (const float value : x) sum += static_cast<double>(value) * value;
  return sum;
}

TEST(Norm, OrdinaryActivations) { expect_norm({}, activations({1, 24, 1, 3}, 1)); }

TEST(Norm, SurvivesActivationsWhoseSquaresAreFarBeyondFp16) {
  const std::vector<float> x = activations({1, 24, 1, 3}, 1e4f);
  EXPECT_GT(sum_of_squares(x), 1e4 * 65504);
  expect_norm({}, x);
  // The largest number of all, everywhere.
  expect_norm({}, std::vector<float>(72, -65504));
}

TEST(Norm, KeepsActivationsWhoseSquaresVanishInFp16) {
  const std::vector<float> x = activations({1, 24, 1, 3}, 1e-3f);
  EXPECT_LT(sum_of_squares(x) / 72, 1e-6);
  expect_norm({.epsilon = kSmallEpsilon}, x);
  // The usual epsilon outweighs these squares, and is itself 0.14 % larger in fp16.
  expect_norm({}, x, 0x1p-9);
}

TEST(Norm, KeepsSmallChannelsNextToAHugeOne) {
  std::vector<float> x = activations({1, 24, 1, 3}, 4);
  for (size_t token = 0; token < 3; ++token) x[5 * 3 + token] = token == 1 ? -30000 : 30000;
  expect_norm({}, x);
}

TEST(Norm, HeadsAreNormedOverTheirWidth) {
  const NormCase query{.gain = Role::query_norm,
                       .layer = 1,
                       .axis = kWidth,
                       .shape = {1, 6, 3, 10},
                       .epsilon = kSmallEpsilon,
                       .scale = 0.25};
  expect_norm(query, activations(query.shape, 1e4f));
  expect_norm(query, activations(query.shape, 1e-3f));
  // The scale is not a power of two when the fused op divides by sqrt(32): the gain is rounded once more.
  NormCase fused = query;
  fused.scale = 0.25 * std::sqrt(32.0);
  expect_norm(fused, activations(query.shape, 2));
}

// [1, T, D] and heads, whose rows lie on the last axis.
TEST(Norm, TokenMajor) {
  const NormCase rows{.axis = 2, .shape = {1, 3, 24}, .epsilon = kSmallEpsilon, .layout = Layout::token_major};
  const NormCase query{.gain = Role::query_norm,
                       .layer = 1,
                       .axis = kWidth,
                       .shape = {1, 6, 3, 10},
                       .epsilon = kSmallEpsilon,
                       .scale = 0.25,
                       .layout = Layout::token_major};
  for (const NormCase& c : {rows, query}) {
    // One more rounding than with a fused gain.
    for (const float magnitude : {1e-3f, 1.0f, 1e4f, 32000.0f}) expect_norm(c, activations(c.shape, magnitude), 0x1p-9);
    const auto count = static_cast<size_t>(element_count(c.shape));
    expect_norm(c, std::vector<float>(count, -65504), 0x1p-9);
    EXPECT_EQ(run_in_fp16(c, std::vector<float>(count, 0)), std::vector<float>(count, 0));
  }
  NormCase exact = rows;
  exact.epsilon = 0;
  EXPECT_EQ(run_in_fp16(exact, std::vector<float>(72, 0)), std::vector<float>(72, 0));
}

TEST(Norm, ZeroStaysZero) {
  EXPECT_EQ(run_in_fp16({}, std::vector<float>(72, 0)), std::vector<float>(72, 0));
}

TEST(Norm, AnEpsilonThatFp16CannotHoldIsTheSmallestItCan) {
  const NormCase exact{.epsilon = 0};
  EXPECT_EQ(run_in_fp16(exact, std::vector<float>(72, 0)), std::vector<float>(72, 0));
  const Tiny tiny;
  WeightReport report;
  EXPECT_THAT(line(norm_function(tiny, {.epsilon = 1e-12}, report), "y_double"),
              ::testing::EndsWith("epsilon=5.9604645e-08)"));
}

TEST(Norm, GainsBeyondFp16AreCutAndReported) {
  const NormCase large{.scale = 1e9};
  const Tiny tiny;
  WeightReport report;
  norm_function(tiny, large, report);
  ASSERT_EQ(report.saturated().size(), 1u);
  EXPECT_EQ(report.saturated().begin()->first, "final_norm");
  EXPECT_EQ(report.saturated().begin()->second.saturated, 24u);
  // An infinite gain would make zero NaN.
  EXPECT_EQ(run_in_fp16(large, std::vector<float>(72, 0)), std::vector<float>(72, 0));
}

TEST(Norm, IsOneLayerNormOverBothSigns) {
  const Tiny tiny;
  WeightReport report;
  const mil::Function f = norm_function(tiny, {}, report);
  EXPECT_EQ(line(f, "y_mirrored"), "%y_mirrored: fp16[1, 24, 1, 3] = mul(x=%x, y=%minus_one)");
  EXPECT_EQ(line(f, "y_both"),
            "%y_both: fp16[1, 48, 1, 3] = concat(values=(%x, %y_mirrored), axis=1, interleave=false)");
  EXPECT_EQ(line(f, "y_double"),
            "%y_double: fp16[1, 48, 1, 3] = layer_norm(x=%y_both, axes=[1], gamma=%y_gain, epsilon=1.001358e-05)");
  EXPECT_EQ(line(f, "y"),
            "%out: fp16[1, 24, 1, 3] = slice_by_index(x=%y_double, begin=[0, 0, 0, 0], end=[1, 24, 1, 3])");
}

}  // namespace
}  // namespace cortland
