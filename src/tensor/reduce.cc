#include "tensor/reduce.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/parallel.h"
#include "tensor/exponentials.h"

namespace cortland {
namespace {

constexpr size_t kWorkPerElement = 16;  // in multiplications: exp() and a division

size_t grain_of(const AxisView& view) { return grain_for(kWorkPerElement * to_size(view.n)); }

}  // namespace

AxisView view_axes(std::span<const int64_t> shape, size_t first, size_t last) {
  return {element_count(shape.first(first)), element_count(shape.subspan(first, last - first + 1)),
          element_count(shape.subspan(last + 1))};
}

void softmax(const AxisView& view, const float* x, float* y) {
  parallel_for(to_size(view.outer * view.inner), grain_of(view), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const auto row = static_cast<int64_t>(r);
      const int64_t start = row / view.inner * view.n * view.inner + row % view.inner;
      float top = x[start];
      for (int64_t i = 1; i < view.n; ++i) top = std::max(top, x[start + i * view.inner]);
      float sum = 0;
      if (view.inner == 1) {
        sum = exponentials(x + start, to_size(view.n), top, y + start);
      } else {
        for (int64_t i = 0; i < view.n; ++i) {
          const int64_t at = start + i * view.inner;
          y[at] = std::exp(x[at] - top);
          sum += y[at];
        }
      }
      for (int64_t i = 0; i < view.n; ++i) y[start + i * view.inner] /= sum;
    }
  });
}

void layer_norm(const AxisView& view, const float* x, float epsilon, const float* gamma, const float* beta,
                float* y) {
  const auto n = static_cast<double>(view.n);
  parallel_for(to_size(view.outer * view.inner), grain_of(view), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const auto row = static_cast<int64_t>(r);
      const int64_t start = row / view.inner * view.n * view.inner + row % view.inner;
      double sum = 0, square = 0;
      for (int64_t i = 0; i < view.n; ++i) sum += x[start + i * view.inner];
      const double mean = sum / n;
      for (int64_t i = 0; i < view.n; ++i) {
        const double d = x[start + i * view.inner] - mean;
        square += d * d;
      }
      const double scale = 1 / std::sqrt(square / n + epsilon);
      for (int64_t i = 0; i < view.n; ++i) {
        const int64_t at = start + i * view.inner;
        const double value = (x[at] - mean) * scale * (gamma == nullptr ? 1 : gamma[i]);
        y[at] = static_cast<float>(value + (beta == nullptr ? 0 : beta[i]));
      }
    }
  });
}

std::vector<float> reduce(std::span<const int64_t> shape, const std::vector<bool>& reduced, const float* x,
                          double start, double (*fold)(double, double), double (*finish)(double, double)) {
  const size_t rank = shape.size();
  Shape kept;
  for (size_t i = 0; i < rank; ++i) {
    if (!reduced[i]) kept.push_back(shape[i]);
  }
  const Shape kept_strides = dense_strides(kept);
  Shape steps(rank, 0);
  for (size_t i = 0, k = 0; i < rank; ++i) {
    if (!reduced[i]) steps[i] = kept_strides[k++];
  }
  std::vector<double> sums(to_size(element_count(kept)), start);
  std::vector<int64_t> index(rank, 0);
  const int64_t count = element_count(shape);
  int64_t at = 0;
  for (int64_t e = 0; e < count; ++e) {
    sums[to_size(at)] = fold(sums[to_size(at)], x[e]);
    for (size_t i = rank; i-- > 0;) {
      at += steps[i];
      if (++index[i] < shape[i]) break;
      at -= steps[i] * index[i];
      index[i] = 0;
    }
  }
  const double per_result = static_cast<double>(count) / static_cast<double>(std::max<size_t>(sums.size(), 1));
  std::vector<float> out;
  out.reserve(sums.size());
  for (const double sum : sums) out.push_back(static_cast<float>(finish(sum, per_result)));
  return out;
}

}  // namespace cortland
