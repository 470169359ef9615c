// Rows of int4 codes times a vector where no product of a scale and a code needs rounding: the scale is taken once for
// the sum of a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/codes.h"

namespace cortland {

// Whether multiply_blocks() takes blocks with such scales: there are no offsets, and a scale times any code of int4 is
// a number of fp16, so that there is nothing to round: it has at most 8 significant bits, and -8 times it does not
// overflow.
bool has_multipliable_blocks(const RowScales& rows);

// y[r] = sum over c of scale code first + r x.size() + c, times x[c], in fp32, whatever the number of rows.
// REQUIRES: has_multipliable_blocks(rows); codes of i4; a row has a whole number of blocks and begins a byte.
void multiply_blocks(const Codes& codes, size_t first, const RowScales& rows, std::span<const float> x,
                     std::span<float> y);

}  // namespace cortland
