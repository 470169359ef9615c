#include "tensor/dots.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/dots.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;

HWY_INLINE float sum_of(hn::Vec<FloatTag> v) { return hn::GetLane(hn::SumOfLanes(FloatTag(), v)); }

// The products of rows a and b with four vectors: eight sums, each value loaded once for all that it takes part in.
HWY_INLINE void two_by_four(const float* const (&rows)[2], const float* const (&x)[4], size_t cols,
                            float (&sums)[2][4]) {
  const FloatTag df;
  const size_t lanes = hn::Lanes(df);
  auto a0 = hn::Zero(df), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  size_t i = 0;
  for (; i + lanes <= cols; i += lanes) {
    const auto a = hn::LoadU(df, rows[0] + i), b = hn::LoadU(df, rows[1] + i);
    const auto x0 = hn::LoadU(df, x[0] + i), x1 = hn::LoadU(df, x[1] + i);
    a0 = hn::MulAdd(a, x0, a0), b0 = hn::MulAdd(b, x0, b0);
    a1 = hn::MulAdd(a, x1, a1), b1 = hn::MulAdd(b, x1, b1);
    const auto x2 = hn::LoadU(df, x[2] + i), x3 = hn::LoadU(df, x[3] + i);
    a2 = hn::MulAdd(a, x2, a2), b2 = hn::MulAdd(b, x2, b2);
    a3 = hn::MulAdd(a, x3, a3), b3 = hn::MulAdd(b, x3, b3);
  }
  sums[0][0] = sum_of(a0), sums[0][1] = sum_of(a1), sums[0][2] = sum_of(a2), sums[0][3] = sum_of(a3);
  sums[1][0] = sum_of(b0), sums[1][1] = sum_of(b1), sums[1][2] = sum_of(b2), sums[1][3] = sum_of(b3);
  for (; i < cols; ++i) {
    for (size_t r = 0; r < 2; ++r) {
      for (size_t v = 0; v < 4; ++v) sums[r][v] += rows[r][i] * x[v][i];
    }
  }
}

void MultiplyRows(const float* rows, size_t row_count, size_t cols, const float* x, size_t n, float* y,
                  size_t y_stride) {
  // Where there are fewer, the last of them is taken several times.
  for (size_t r = 0; r < row_count; r += 2) {
    const float* const two[2] = {rows + r * cols, rows + std::min(r + 1, row_count - 1) * cols};
    for (size_t v = 0; v < n; v += 4) {
      const auto vector = [&](size_t k) { return x + std::min(v + k, n - 1) * cols; };
      const float* const four[4] = {vector(0), vector(1), vector(2), vector(3)};
      float sums[2][4];
      two_by_four(two, four, cols, sums);
      for (size_t i = r; i < std::min(r + 2, row_count); ++i) {
        for (size_t k = v; k < std::min(v + 4, n); ++k) y[k * y_stride + i] = sums[i - r][k - v];
      }
    }
  }
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(MultiplyRows);

void multiply_rows(const float* rows, size_t row_count, size_t cols, const float* x, size_t n, float* y,
                   size_t y_stride) {
  HWY_DYNAMIC_DISPATCH(MultiplyRows)(rows, row_count, cols, x, n, y, y_stride);
}

}  // namespace cortland
#endif  // HWY_ONCE
