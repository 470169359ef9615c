// GPTQ (arXiv 2210.17323): codes chosen column by column, each making up for the errors of those before it.
#pragma once

#include <vector>

#include "quant/encoded.h"
#include "quant/input_statistics.h"
#include "quant/scheme.h"

namespace cortland {

// Chooses the codes of some columns of `encoded` anew under its scales, offsets and tables. Rows do not depend on each
// other. Returns the errors that are left, weight less code, [columns by inputs.order, rows].
// REQUIRES: int4, uint4 or a palette.
std::vector<float> choose_with_feedback(const Scheme& scheme, const Rows& rows, const Correlations& inputs,
                                        std::span<const uint16_t> whole_table, Encoded& encoded);

}  // namespace cortland
