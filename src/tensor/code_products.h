// Rows of codes times a vector: the numbers that the codes stand for are not stored on the way.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/codes.h"

namespace cortland {

// y[r] = sum over c of the number of code first + r x.size() + c, as scale_codes() has it, times x[c], in fp32.
// REQUIRES: as scale_codes(); a row has a whole number of blocks and begins a byte.
void multiply_scaled_codes(const Codes& codes, size_t first, const RowScales& rows, bool to_half,
                           std::span<const float> x, std::span<float> y);

// The sum over c of table[codes[first + c]] times x[c], in fp32. REQUIRES: as look_up_codes().
float multiply_entries(const Codes& codes, size_t first, std::span<const float> table, std::span<const float> x);

}  // namespace cortland
