// Probabilities as whole numbers: the likeliest token weighs 2^42, one with half its probability 2^41, and so on.
//
// exp() of the C library differs between platforms in the last bits, and sums of floating-point numbers depend on their
// order. Here all that is rounded is one difference and one product; the rest is integer arithmetic, and a sum of
// weights (at most 2^20 of them) is exact. So a seed gives the same text everywhere.
#pragma once

#include <cstdint>

namespace cortland::text {

inline constexpr int kLargestWeightBits = 42;
inline constexpr uint64_t kLargestWeight = uint64_t{1} << kLargestWeightBits;

// How much less likely than the likeliest a token is: -log2 of the quotient, in steps of 2^-28. 0 or more; +infinity
// for a score of -infinity.
class Distance {
 public:
  // REQUIRES: best is finite, temperature >= the smallest normal float.
  Distance(float best, double temperature);
  // REQUIRES: score <= best.
  double operator()(float score) const { return (best_ - static_cast<double>(score)) * scale_; }
  // Natural logarithm of the quotient.
  static double log_of(double distance);

 private:
  double best_;
  double scale_;
};

// Never rises with the distance. The relative error is below 2^-29, then what is below 1 is cut off.
uint64_t weight_of(double distance);

// The smallest whole distance whose weight is below `weight`; +infinity when there is none (weight 0).
double distance_below(uint64_t weight);

}  // namespace cortland::text
