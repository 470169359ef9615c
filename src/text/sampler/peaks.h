// The highest score of each block of the vocabulary: what is low can be skipped 64 at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cortland::text {

class Peaks {
 public:
  static constexpr size_t kBlock = 64;

  // One pass over the scores. REQUIRES: no NaN, not empty.
  void measure(const std::vector<float>& scores);

  float best() const { return best_; }  // -infinity when every score is
  // The first index of the best score. REQUIRES: `scores` are those measured.
  int32_t first_best(const std::vector<float>& scores) const;
  // A bound that at least k scores reach, and not many more; -infinity when there are fewer than k blocks.
  float bound_of_top(size_t k) const;

  // Calls visit(id, score) in the order of the ids for every score that admit(score) admits. REQUIRES: `scores` are
  // those measured, and where a score is admitted, every higher one is.
  template <typename Admit, typename Visit>
  void each(const std::vector<float>& scores, Admit admit, Visit visit) const {
    for (size_t block = 0; block < values_.size(); ++block) {
      if (!admit(values_[block])) continue;
      const size_t end = std::min((block + 1) * kBlock, scores.size());
      for (size_t i = block * kBlock; i < end; ++i) {
        if (admit(scores[i])) visit(static_cast<int32_t>(i), scores[i]);
      }
    }
  }

 private:
  std::vector<float> values_;  // [ceil(V / 64)]
  float best_ = 0;
};

}  // namespace cortland::text
