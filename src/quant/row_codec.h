// Rows of a matrix as codes of any scheme.
#pragma once

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

// REQUIRES: the scheme fits and is not half. `whole_table` is that of a palette without groups.
Encoded encode_rows(const Scheme& scheme, const Rows& rows, std::span<const uint16_t> whole_table);

}  // namespace cortland
