#include "text/sampler/peaks.h"

#include <functional>
#include <limits>

namespace cortland::text {
namespace {

float highest(const float* scores, size_t count) {
  constexpr size_t kLanes = 8;  // independent of each other, so that they run at the same time
  float lanes[kLanes];
  std::fill_n(lanes, kLanes, -std::numeric_limits<float>::infinity());
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const float score = scores[i + lane], most = lanes[lane];
      lanes[lane] = score > most ? score : most;
    }
  }
  for (; i < count; ++i) lanes[0] = std::max(lanes[0], scores[i]);
  return *std::max_element(lanes, lanes + kLanes);
}

}  // namespace

void Peaks::measure(const std::vector<float>& scores) {
  values_.resize((scores.size() + kBlock - 1) / kBlock);
  for (size_t block = 0; block < values_.size(); ++block) {
    const size_t begin = block * kBlock;
    values_[block] = highest(scores.data() + begin, std::min(kBlock, scores.size() - begin));
  }
  best_ = *std::max_element(values_.begin(), values_.end());
}

int32_t Peaks::first_best(const std::vector<float>& scores) const {
  const auto block = std::find(values_.begin(), values_.end(), best_) - values_.begin();
  const auto begin = scores.begin() + block * static_cast<ptrdiff_t>(kBlock);
  return static_cast<int32_t>(std::find(begin, scores.end(), best_) - scores.begin());
}

float Peaks::bound_of_top(size_t k) const {
  if (k > values_.size()) return -std::numeric_limits<float>::infinity();
  std::vector<float> values = values_;
  const auto place = values.begin() + static_cast<ptrdiff_t>(k) - 1;
  std::nth_element(values.begin(), place, values.end(), std::greater<>());
  return *place;
}

}  // namespace cortland::text
