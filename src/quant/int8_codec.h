// int8 per row: scale = max|w| / 127 in fp16; rows of zeros have scale 1.
#pragma once

#include "quant/encoded.h"

namespace cortland {

Encoded encode_int8(const Rows& rows);

}  // namespace cortland
