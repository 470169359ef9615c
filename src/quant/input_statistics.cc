// H in the order of the columns is V D V^T, V upper triangular with a diagonal of 1. The k-th column, when it is
// rounded last of the first k, is best aimed at w_k + sum over i < k of (w_i - q_i) V_ik: the "linear feedback" of QuIP
// (arXiv 2307.13304), which proves that it is what GPTQ computes (arXiv 2210.17323) from the inverse of H.
#include "quant/input_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/parallel.h"

namespace cortland {
namespace {

constexpr double kDamping = 0.01;
constexpr size_t kLanes = 8;
constexpr size_t kPanel = 64;

double dot(const double* a, const double* b, size_t n) {
  double lanes[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) lanes[l] += a[i + l] * b[i + l];
  }
  double sum = 0;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const double lane : lanes) sum += lane;
  return sum;
}

// a [n, n], symmetric with eigenvalues of at least `least`, becomes its Cholesky factor in the lower triangle, panel by
// panel of columns. Nor is the square of a pivot less than that, whatever rounding made of it.
void factorize(std::vector<double>& a, size_t n, double least) {
  for (size_t first = 0; first < n; first += kPanel) {
    const size_t last = std::min(first + kPanel, n);
    // What the columns before have to do with the panel.
    parallel_for(n - first, kPanel, [&](size_t begin, size_t end) {
      for (size_t i = first + begin; i < first + end; ++i) {
        for (size_t j = first; j < std::min(last, i + 1); ++j) a[i * n + j] -= dot(&a[i * n], &a[j * n], first);
      }
    });
    for (size_t j = first; j < last; ++j) {
      for (size_t i = first; i < j; ++i) {
        a[j * n + i] = (a[j * n + i] - dot(&a[j * n + first], &a[i * n + first], i - first)) / a[i * n + i];
      }
      a[j * n + j] = std::sqrt(std::max(least, a[j * n + j] - dot(&a[j * n + first], &a[j * n + first], j - first)));
    }
    parallel_for(n - last, kPanel, [&](size_t begin, size_t end) {
      for (size_t i = last + begin; i < last + end; ++i) {
        for (size_t j = first; j < last; ++j) {
          a[i * n + j] = (a[i * n + j] - dot(&a[i * n + first], &a[j * n + first], j - first)) / a[j * n + j];
        }
      }
    });
  }
}

// `products` as those of InputMoments.
Correlations correlate(const ColumnRange& range, std::vector<float> products, std::span<const float> energy,
                       std::span<const float> importance, double damping) {
  const size_t n = range.width;
  Correlations out;
  out.order.resize(n);
  std::iota(out.order.begin(), out.order.end(), static_cast<int32_t>(range.first));
  std::stable_sort(out.order.begin(), out.order.end(), [&](int32_t a, int32_t b) {
    return energy[static_cast<size_t>(a)] > energy[static_cast<size_t>(b)];
  });
  out.products.resize(n * n);
  for (size_t i = 0; i < n; ++i) {
    const auto row = static_cast<size_t>(out.order[i]);
    for (size_t j = 0; j < n; ++j) {
      out.products[i * n + j] = products[(row - range.first) * n + static_cast<size_t>(out.order[j]) - range.first];
    }
    out.products[i * n + i] = importance[row];
  }
  products = {};
  // Backwards, so that the lower factor of a Cholesky decomposition is the upper one of H.
  std::vector<double> a(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      a[i * n + j] = static_cast<double>(out.products[(n - 1 - i) * n + n - 1 - j]);
    }
  }
  factorize(a, n, damping);
  constexpr auto kWidth = static_cast<size_t>(kFeedbackPanel);
  out.feedback.reserve(n * (n + kWidth) / 2);
  for (size_t first = 0; first < n; first += kWidth) {
    const size_t last = std::min(first + kWidth, n);
    for (size_t i = 0; i < last; ++i) {
      for (size_t k = first; k < last; ++k) {
        const size_t row = n - 1 - i, column = n - 1 - k;
        out.feedback.push_back(k <= i ? 0.0f : static_cast<float>(a[row * n + column] / a[column * n + column]));
      }
    }
  }
  return out;
}

}  // namespace

std::vector<ColumnRange> split_columns(size_t cols, size_t widest) {
  const size_t count = (cols + widest - 1) / widest;
  std::vector<ColumnRange> ranges;
  for (size_t first = 0; first < cols; first += ranges.back().width) {
    ranges.push_back({first, std::min((cols + count - 1) / count, cols - first)});
  }
  return ranges;
}

void InputMoments::divide(std::span<const float> divisors) {
  const size_t n = energy.size();
  for (size_t j = 0; j < n; ++j) energy[j] /= divisors[j] * divisors[j];
  for (size_t r = 0; r < products.size(); ++r) {
    const auto [first, width] = ranges[r];
    for (size_t i = 0; i < products[r].size(); ++i) {
      products[r][i] /= divisors[first + i / width] * divisors[first + i % width];
    }
  }
  for (size_t i = 0; i < held_out.size(); ++i) held_out[i] /= divisors[i % n];
}

InputStatistics make_statistics(InputMoments moments) {
  const size_t n = moments.energy.size();
  double sum = 0;
  for (const float energy : moments.energy) sum += static_cast<double>(energy);
  // Inputs that are all zero tell nothing: every column counts the same.
  const double damping = sum > 0 ? kDamping * sum / static_cast<double>(n) : 1;
  InputStatistics out;
  for (const float energy : moments.energy) {
    out.importance.push_back(static_cast<float>(static_cast<double>(energy) + damping));
  }
  out.held_out = std::move(moments.held_out);
  for (size_t r = 0; r < moments.ranges.size(); ++r) {
    out.correlations.push_back(
        correlate(moments.ranges[r], std::exchange(moments.products[r], {}), moments.energy, out.importance, damping));
  }
  return out;
}

}  // namespace cortland
