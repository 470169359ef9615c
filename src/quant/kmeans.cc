#include "quant/kmeans.h"

#include <cstdint>

#include "quant/kernels.h"

namespace cortland {
namespace {

// Least squares leave sum of x^2 less the energy that the means explain, (sum of x)^2 / weight of each cluster: that is to be
// as large as possible.
class Clustering {
 public:
  Clustering(const Points& points, size_t k) : n_(points.values.size()), sums_(n_ + 1), weights_(n_ + 1), best_(n_ + 1), next_(n_ + 1) {
    for (size_t i = 0; i < n_; ++i) {
      weights_[i + 1] = weights_[i] + points.weights[i];
      sums_[i + 1] = sums_[i] + points.weights[i] * static_cast<double>(points.values[i]);
    }
    for (size_t i = 1; i <= n_; ++i) best_[i] = sums_[i] * sums_[i] / weights_[i];
    borders_.resize(k);
    for (size_t c = 1; c < k; ++c) {
      clusters_ = c + 1;
      borders_[c].assign(n_ + 1, 0);
      solve(clusters_, n_, c, n_ - 1);
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
  // The best last cluster [j, i) for every i in [low, high], when j lies in [first, last].
  void solve(size_t low, size_t high, size_t first, size_t last) {
    if (low > high) return;
    const size_t i = low + (high - low) / 2;
    const Split split = find_split(best_.data(), sums_.data(), weights_.data(), sums_[i], weights_[i], first, std::min(last, i - 1) + 1);
    next_[i] = split.value;
    borders_[clusters_ - 1][i] = static_cast<uint32_t>(split.at);
    if (i > low) solve(low, i - 1, first, split.at);
    solve(i + 1, high, split.at, last);
  }

  size_t n_;
  size_t clusters_ = 1;
  std::vector<double> sums_, weights_;  // of the first i points
  std::vector<double> best_, next_;     // energy of the first i points in one cluster less, and in clusters_
  std::vector<std::vector<uint32_t>> borders_;  // [clusters - 1][i]: where the last cluster begins
};

}  // namespace

std::vector<float> cluster(const Points& points, size_t k) {
  if (points.values.size() <= k) return points.values;
  return Clustering(points, k).centres();
}

}  // namespace cortland
