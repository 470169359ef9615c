#include "tensor/reduce.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/parallel.h"
#include "tensor/exponentials.h"

namespace cortland {
namespace {

size_t grain_of(const AxisView& view) { return grain_for(kWorkPerExponential * to_size(view.n)); }

// The sums along n: [outer, inner].
template <typename T>
std::vector<double> sums_along(const AxisView& view, const T* x) {
  const size_t n = to_size(view.n), inner = to_size(view.inner);
  std::vector<double> sums(to_size(view.outer) * inner);
  parallel_for(sums.size(), grain_for(n), [&](size_t begin, size_t end) {
    // As much of a row of inner as lies in the range: it is read in the order of memory.
    for (size_t at = begin; at < end;) {
      const size_t skipped = at % inner, count = std::min(end - at, inner - skipped);
      const T* row = x + at / inner * n * inner + skipped;
      for (size_t i = 0; i < n; ++i, row += inner) {
        for (size_t j = 0; j < count; ++j) sums[at + j] += row[j];
      }
      at += count;
    }
  });
  return sums;
}

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

std::vector<float> means(std::span<const int64_t> shape, const std::vector<bool>& reduced, std::span<const float> x) {
  Shape left(shape.begin(), shape.end());
  std::vector<double> sums;
  // Neighbouring axes at once, the last ones first.
  for (size_t last = left.size(); last-- > 0;) {
    if (!reduced[last]) continue;
    size_t first = last;
    while (first > 0 && reduced[first - 1]) --first;
    const AxisView view = view_axes(left, first, last);
    sums = sums.empty() ? sums_along(view, x.data()) : sums_along(view, sums.data());
    left.erase(left.begin() + static_cast<int64_t>(first), left.begin() + static_cast<int64_t>(last) + 1);
    last = first;
  }
  if (sums.empty()) sums.assign(x.begin(), x.end());
  const double per_result = static_cast<double>(x.size()) / static_cast<double>(std::max<size_t>(sums.size(), 1));
  std::vector<float> out;
  out.reserve(sums.size());
  for (const double sum : sums) out.push_back(static_cast<float>(sum / per_result));
  return out;
}

}  // namespace cortland
