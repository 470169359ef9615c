#include "tensor/matmul.h"

#include <gtest/gtest.h>

#include "base/parallel.h"
#include "tensor/numbers.h"

namespace cortland {
namespace {

size_t at(int64_t row, int64_t col, int64_t cols) { return static_cast<size_t>(row * cols + col); }

TEST(Matmul, EveryStorageGivesTheProduct) {
  for (const auto& [m, n, k] :
       {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {1, 5, 7}, {4, 1, 9}, {3, 6, 70}, {65, 33, 17}}) {
    const std::vector<float> a = exact_numbers(static_cast<size_t>(m * k), 1),
                             b = exact_numbers(static_cast<size_t>(k * n), 2);
    std::vector<float> a_t(a.size()), b_t(b.size());
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < k; ++j) a_t[at(j, i, m)] = a[at(i, j, k)];
    }
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t j = 0; j < n; ++j) b_t[at(j, i, k)] = b[at(i, j, n)];
    }
    // Numbers of 7 bits: every partial sum is exact in fp32, so the order does not matter.
    std::vector<float> want(static_cast<size_t>(m * n));
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l) sum += static_cast<double>(a[at(i, l, k)]) * b[at(l, j, n)];
        want[at(i, j, n)] = static_cast<float>(sum);
      }
    }
    for (const auto a_storage : {Storage::plain, Storage::transposed}) {
      for (const auto b_storage : {Storage::plain, Storage::transposed}) {
        std::vector<float> c(want.size(), -1.0f);
        matmul(a_storage == Storage::plain ? a.data() : a_t.data(), a_storage,
               b_storage == Storage::plain ? b.data() : b_t.data(), b_storage, m, n, k, c.data());
        EXPECT_EQ(c, want) << m << " x " << n << " x " << k;
      }
    }
  }
}

// y = w x by the definition, for vectors laid out as `layout` says.
std::vector<float> product(const std::vector<float>& w, const std::vector<float>& x, int64_t rows, int64_t cols,
                           int64_t n, VectorLayout layout) {
  std::vector<float> y(static_cast<size_t>(rows * n));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t v = 0; v < n; ++v) {
      double sum = 0;
      for (int64_t c = 0; c < cols; ++c) {
        const float value = layout == VectorLayout::columns ? x[at(c, v, n)] : x[at(v, c, cols)];
        sum += static_cast<double>(w[at(r, c, cols)]) * value;
      }
      y[layout == VectorLayout::columns ? at(r, v, n) : at(v, r, rows)] = static_cast<float>(sum);
    }
  }
  return y;
}

TEST(MultiplyWeights, EveryTypeAndLayoutGivesTheProduct) {
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32}) {
    // 96 rows are one tile: below, at and beyond it.
    for (const auto& [rows, cols] : {std::pair<int64_t, int64_t>{1, 3}, {95, 16}, {96, 33}, {200, 20}}) {
      const std::vector<float> w = exact_numbers(static_cast<size_t>(rows * cols), 3);
      const std::vector<std::byte> bytes = stored_as(dtype, w, 1);
      for (const int64_t n : {1, 2, 9, 17}) {
        const std::vector<float> x = exact_numbers(static_cast<size_t>(cols * n), 4);
        for (const auto layout : {VectorLayout::columns, VectorLayout::rows}) {
          std::vector<float> y(static_cast<size_t>(rows * n), -1.0f);
          multiply_weights({dtype, rows, cols, bytes.data() + 1}, x.data(), n, layout, y.data());
          EXPECT_EQ(y, product(w, x, rows, cols, n, layout))
              << name_of(dtype) << " " << rows << " x " << cols << " x " << n;
        }
      }
    }
  }
}

TEST(MultiplyWeights, TheNumberOfThreadsDoesNotChangeABit) {
  constexpr int64_t kRows = 300, kCols = 257, kVectors = 5;
  std::vector<float> w(kRows * kCols), x(kCols * kVectors);
  for (size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<float>(i));
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::cos(static_cast<float>(i));
  const WeightMatrix matrix{DType::f32, kRows, kCols, reinterpret_cast<const std::byte*>(w.data())};
  std::vector<float> one(kRows * kVectors), many(kRows * kVectors);
  {
    const ThreadLimit limit(1);
    multiply_weights(matrix, x.data(), kVectors, VectorLayout::columns, one.data());
  }
  const ThreadLimit limit(4);
  multiply_weights(matrix, x.data(), kVectors, VectorLayout::columns, many.data());
  EXPECT_EQ(one, many);
  // And the rounding of fp32 sums stays where it belongs.
  for (int64_t r = 0; r < kRows; ++r) {
    double sum = 0;
    for (int64_t c = 0; c < kCols; ++c) sum += static_cast<double>(w[at(r, c, kCols)]) * x[at(c, 0, kVectors)];
    EXPECT_NEAR(one[at(r, 0, kVectors)], sum, 1e-4);
  }
}

}  // namespace
}  // namespace cortland
