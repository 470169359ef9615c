// The inner loop of k-means in one dimension, by SIMD with run-time dispatch. Results do not depend on the instruction
// set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cortland {

inline constexpr size_t kSplitPadding = 8;

// The step from the best clusterings to those of one cluster more. Arrays are indexed by a number of points and have
// kSplitPadding readable numbers behind the last.
struct SplitLayer {
  const double* best;      // of the first i points, in one cluster less
  const double* sums;      // of the first i points
  const double* weights;   // likewise; rising
  const uint32_t* floors;  // no border lies left of floors[i]; rising
  double* next;            // out
  uint32_t* borders;       // out: where the last cluster begins
};

// For every i of [low, high]: the first j with the largest best[j] + (sums[i] - sums[j])^2 / (weights[i] - weights[j]),
// and that value, of j in [low - 1, i). REQUIRES: borders rise with i, as they do for sorted points.
void solve_layer(const SplitLayer& layer, size_t low, size_t high);

}  // namespace cortland
