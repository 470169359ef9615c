// The highest score of each block of the vocabulary: what is low can be skipped 64 at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cortland::text {

class Peaks {
 public:
  static constexpr size_t kBlock = 64;

  // One pass over the scores. REQUIRES: no NaN.
  void measure(const std::vector<float>& scores);

  const std::vector<float>& values() const { return values_; }  // [ceil(V / 64)]
  float best() const { return best_; }                          // -infinity when every score is
  // The first index of the best score. REQUIRES: `scores` are those measured, best() is finite.
  int32_t first_best(const std::vector<float>& scores) const;
  // A bound that at least k scores reach: low enough for the k highest scores and not much lower. -infinity when the
  // peaks say nothing about so many.
  float bound_of_top(size_t k) const;

  // Calls visit(id) in the order of the ids for every score >= bound but -infinity.
  template <typename Visit>
  void each_from(float bound, const std::vector<float>& scores, Visit visit) const;

 private:
  std::vector<float> values_;
  float best_ = 0;
};

template <typename Visit>
void Peaks::each_from(float bound, const std::vector<float>& scores, Visit visit) const {
  for (size_t block = 0; block < values_.size(); ++block) {
    if (values_[block] < bound) continue;
    const size_t begin = block * kBlock;
    const size_t end = begin + kBlock < scores.size() ? begin + kBlock : scores.size();
    for (size_t i = begin; i < end; ++i) {
      if (scores[i] >= bound && scores[i] >= -3.5e38f) visit(static_cast<int32_t>(i));
    }
  }
}

}  // namespace cortland::text
