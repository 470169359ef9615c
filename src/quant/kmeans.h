// k-means in one dimension, solved exactly.
#pragma once

#include <vector>

#include "quant/histogram.h"

namespace cortland {

// The centres, ascending, that minimize the weighted sum of squared distances to the nearest; all points when there are
// no more than `k`. Clusters of sorted points are intervals, so the best ones follow by dynamic programming, and as
// their borders move monotonically, by divide and conquer in O(k n log n).
std::vector<float> cluster(const Points& points, size_t k);

}  // namespace cortland
