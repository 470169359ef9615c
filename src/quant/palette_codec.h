// Indices into tables of 2^bits numbers, one table for each group of rows.
#pragma once

#include "quant/encoded.h"
#include "quant/histogram.h"

namespace cortland {

// fp16 [2^bits], ascending; the last entry repeats where there are fewer distinct values.
std::vector<uint16_t> make_table(const Points& points, int bits);

// The nearest entry of each value.
void assign_entries(std::span<const float> values, std::span<const uint16_t> table, std::span<uint8_t> codes);

// A table for each `group` rows. REQUIRES: `group` divides the rows.
Encoded encode_palette(const Rows& rows, int bits, int64_t group);

}  // namespace cortland
