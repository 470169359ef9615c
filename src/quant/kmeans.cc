#include "quant/kmeans.h"

#include <cstdint>

#include "quant/split_kernel.h"

namespace cortland {
namespace {

// Least squares leave sum of x^2 less the energy that the means explain, (sum of x)^2 / weight of each cluster: that is
// to be as large as possible.
class Clustering {
 public:
  Clustering(const Points& points, size_t k)
      : n_(points.values.size()), sums_(n_ + 1 + kSplitPadding), weights_(sums_), best_(sums_), next_(sums_) {
    for (size_t i = 0; i < n_; ++i) {
      weights_[i + 1] = weights_[i] + points.weights[i];
      sums_[i + 1] = sums_[i] + points.weights[i] * static_cast<double>(points.values[i]);
    }
    for (size_t i = 1; i <= n_; ++i) best_[i] = sums_[i] * sums_[i] / weights_[i];
    borders_.assign(k, std::vector<uint32_t>(sums_.size(), 0));
    for (size_t c = 1; c < k; ++c) {
      // With more clusters the last does not begin further left.
      solve_layer({.best = best_.data(),
                   .sums = sums_.data(),
                   .weights = weights_.data(),
                   .floors = borders_[c - 1].data(),
                   .next = next_.data(),
                   .borders = borders_[c].data()},
                  c + 1, n_);
      best_.swap(next_);
    }
  }

  std::vector<float> centres() const {
    std::vector<float> out(borders_.size());
    size_t end = n_;
    for (size_t c = borders_.size(); c-- > 0;) {
      const size_t begin = c == 0 ? 0 : borders_[c][end];
      out[c] = static_cast<float>((sums_[end] - sums_[begin]) / (weights_[end] - weights_[begin]));
      end = begin;
    }
    return out;
  }

 private:
  size_t n_;
  std::vector<double> sums_, weights_;  // of the first i points
  std::vector<double> best_,
      next_;  // energy of the first i points in as many clusters as there are so far, and in one more
  std::vector<std::vector<uint32_t>> borders_;  // [clusters - 1][i]: where the last cluster begins
};

}  // namespace

std::vector<float> cluster(const Points& points, size_t k) {
  if (points.values.size() <= k) return points.values;
  return Clustering(points, k).centres();
}

}  // namespace cortland
