// Codes with a searched scale for each block of columns.
#pragma once

#include "quant/encoded.h"

namespace cortland {

// REQUIRES: `block` divides the columns. Codes of blocks of zeros are those of 0, their scale is 1.
Encoded encode_int4(const Rows& rows, int64_t block);         // no offsets
Encoded encode_int8_blocks(const Rows& rows, int64_t block);  // no offsets
Encoded encode_uint4(const Rows& rows, int64_t block);        // offsets from 0 to 15

}  // namespace cortland
