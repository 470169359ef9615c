#include "tensor/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tensor/numbers.h"

namespace cortland {
namespace {

// The elements of one line along the n of a view.
std::vector<size_t> line(const AxisView& view, int64_t outer, int64_t inner) {
  std::vector<size_t> offsets;
  for (int64_t i = 0; i < view.n; ++i) {
    offsets.push_back(static_cast<size_t>((outer * view.n + i) * view.inner + inner));
  }
  return offsets;
}

template <typename Body>
void for_each_line(const AxisView& view, Body body) {
  for (int64_t outer = 0; outer < view.outer; ++outer) {
    for (int64_t inner = 0; inner < view.inner; ++inner) body(line(view, outer, inner));
  }
}

const std::vector<AxisView> kViews = {{1, 1, 1}, {1, 5, 1}, {3, 4, 1}, {1, 6, 7}, {5, 3, 9}, {40, 2, 2}};

std::vector<float> numbers_of(const AxisView& view, float scale) {
  return exact_numbers(static_cast<size_t>(view.outer * view.n * view.inner), 5, scale);
}

TEST(AxisViewOf, SplitsAShapeAtTheAxes) {
  const Shape shape{2, 3, 4, 5};
  const AxisView middle = view_axes(shape, 1, 2), last = view_axes(shape, 3, 3), all = view_axes(shape, 0, 3);
  EXPECT_EQ((std::vector<int64_t>{middle.outer, middle.n, middle.inner}), (std::vector<int64_t>{2, 12, 5}));
  EXPECT_EQ((std::vector<int64_t>{last.outer, last.n, last.inner}), (std::vector<int64_t>{24, 5, 1}));
  EXPECT_EQ((std::vector<int64_t>{all.outer, all.n, all.inner}), (std::vector<int64_t>{1, 120, 1}));
}

TEST(Softmax, EveryLineByTheDefinition) {
  for (const AxisView& view : kViews) {
    const std::vector<float> x = numbers_of(view, 8);
    std::vector<float> y(x.size());
    softmax(view, x.data(), y.data());
    for_each_line(view, [&](const std::vector<size_t>& at) {
      double sum = 0;
      for (const size_t i : at) sum += std::exp(static_cast<double>(x[i]));
      for (const size_t i : at) EXPECT_NEAR(y[i], std::exp(static_cast<double>(x[i])) / sum, 1e-6);
    });
    std::vector<float> in_place = x;
    softmax(view, in_place.data(), in_place.data());
    EXPECT_EQ(in_place, y);
  }
}

TEST(Softmax, LargeAndMaskedScores) {
  const std::vector<float> x{1e30f, 1e30f, -1e4f, -std::numeric_limits<float>::infinity()};
  std::vector<float> y(4);
  softmax({1, 4, 1}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{0.5f, 0.5f, 0, 0}));
}

TEST(Softmax, NanSpreadsOverItsLine) {
  for (const size_t at : {size_t{0}, size_t{3}, size_t{18}}) {
    std::vector<float> x(19, 0.5f);
    x[at] = std::numeric_limits<float>::quiet_NaN();
    softmax({1, 19, 1}, x.data(), x.data());
    for (const float y : x) EXPECT_TRUE(std::isnan(y)) << at;
  }
}

void expect_layer_norm(const AxisView& view, const std::vector<float>& x, float epsilon,
                       const std::vector<float>& gamma, const std::vector<float>& beta) {
  std::vector<float> y(x.size());
  layer_norm(view, x.data(), epsilon, gamma.empty() ? nullptr : gamma.data(), beta.empty() ? nullptr : beta.data(),
             y.data());
  for_each_line(view, [&](const std::vector<size_t>& at) {
    double mean = 0, variance = 0;
    for (const size_t i : at) mean += x[i] / static_cast<double>(at.size());
    for (const size_t i : at) variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(at.size());
    for (size_t i = 0; i < at.size(); ++i) {
      const double normed = (x[at[i]] - mean) / std::sqrt(variance + epsilon);
      const double want = normed * (gamma.empty() ? 1.0 : gamma[i]) + (beta.empty() ? 0.0 : beta[i]);
      EXPECT_NEAR(y[at[i]], want, 2e-6 * std::max(1.0, std::abs(want)));
    }
  });
}

TEST(LayerNorm, EveryLineByTheDefinition) {
  for (const AxisView& view : kViews) {
    const std::vector<float> x = numbers_of(view, 4);
    const std::vector<float> gamma = exact_numbers(static_cast<size_t>(view.n), 6, 2);
    const std::vector<float> beta = exact_numbers(static_cast<size_t>(view.n), 7, 3);
    expect_layer_norm(view, x, 1e-5f, {}, {});
    expect_layer_norm(view, x, 1e-3f, gamma, {});
    expect_layer_norm(view, x, 1e-5f, gamma, beta);
  }
}

TEST(LayerNorm, SurvivesActivationsOfTenThousand) {
  const AxisView view{2, 64, 3};
  expect_layer_norm(view, numbers_of(view, 1e4f), 1e-6f, {}, {});
  // A large mean with a small spread: sums of squares in fp32 would lose it.
  std::vector<float> shifted = numbers_of(view, 1);
  for (float& value : shifted) value += 1e4f;
  expect_layer_norm(view, shifted, 1e-6f, {}, {});
}

TEST(Reduce, EverySetOfAxesByIndex) {
  const Shape shape{2, 3, 4};
  const std::vector<float> x = exact_numbers(24, 8, 16);
  for (unsigned mask = 0; mask < 8; ++mask) {
    const std::vector<bool> reduced{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
    Shape kept;
    int64_t count = 1;
    for (size_t axis = 0; axis < 3; ++axis) {
      if (reduced[axis]) count *= shape[axis];
      if (!reduced[axis]) kept.push_back(shape[axis]);
    }
    const auto n = static_cast<size_t>(element_count(kept));
    std::vector<double> sums(n, 0);
    for_each_index(shape, [&](const Shape& index) {
      Shape rest;
      for (size_t axis = 0; axis < 3; ++axis) {
        if (!reduced[axis]) rest.push_back(index[axis]);
      }
      sums[offset_of(kept, rest)] += x[offset_of(shape, index)];
    });
    const std::vector<float> got = means(shape, reduced, x);
    ASSERT_EQ(got.size(), n);
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(got[i], static_cast<float>(sums[i] / static_cast<double>(count))) << mask;
  }
}

}  // namespace
}  // namespace cortland
