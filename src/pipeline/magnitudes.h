// How large the values of a checkpoint become, place by place.
#pragma once

#include <cstdint>
#include <vector>

#include "model/weights.h"

namespace cortland {

// Largest magnitudes of a branch of a layer over some tokens.
struct BranchPeaks {
  float inner = 0;   // of value; of up and of what down reads
  float output = 0;  // of what the last linear layer gives
  double output_square = 0;  // the least mean square of a token there
  float other = 0;   // of what nothing can make smaller: queries, keys, gates, what norms give
};

struct StreamPeak {
  float peak = 0;
  double square = 0;  // the least mean square of a token
};

struct Magnitudes {
  int64_t tokens = 0;
  std::vector<StreamPeak> stream;            // [2L + 1], places as in Rescale
  std::vector<BranchPeaks> attention, mlp;  // [L]
};

// Passes the ids through one layer after the other, in fp32 and without the output head. Reads each weight of the
// layers once, in pieces. Errors: as Reference::forward().
Magnitudes measure_magnitudes(const ModelSpec& spec, const Weights& weights, const std::vector<int32_t>& ids,
                              int64_t context);

}  // namespace cortland
