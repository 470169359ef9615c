// Coordinate descent (QuantEase, arXiv 2309.01885): each code anew, as suits all others as they are. GPTQ looks ahead
// only; a column that it has passed never learns what became of those behind it.
#pragma once

#include <vector>

#include "quant/encoded.h"
#include "quant/input_statistics.h"
#include "quant/scheme.h"

namespace cortland {

// Passes `sweeps` times over the columns of `inputs`; with each code the error of what the rows give becomes less or
// stays. `errors` as choose_with_feedback() returns them for `encoded`; both are kept up to date. Scales, offsets and
// tables stay. REQUIRES: as choose_with_feedback().
void descend(const Scheme& scheme, const Rows& rows, const Correlations& inputs, std::span<const uint16_t> whole_table,
             int sweeps, std::vector<float>& errors, Encoded& encoded);

}  // namespace cortland
