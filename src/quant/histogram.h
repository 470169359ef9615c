// The distinct values of an array, rounded to fp16, and how much each weighs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quant/encoded.h"

namespace cortland {

struct Points {
  std::vector<float> values;    // ascending
  std::vector<double> weights;  // positive
};

class Histogram {
 public:
  Histogram() : weights_(kBins, 0.0) {}
  void add(const Rows& rows);
  // What was added; empties the histogram.
  Points take();

 private:
  static constexpr size_t kBins = 1 << 16;
  std::vector<double> weights_;  // by fp16 bits, in the order of the numbers
  size_t first_ = kBins, last_ = 0;
  std::vector<uint16_t> halves_;
};

}  // namespace cortland
