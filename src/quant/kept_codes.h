// Codes that another quantizer made, as Core ML takes them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

// weight = scale * (code - zero); scale and zero of a group of neighbouring columns.
struct ForeignCodes {
  std::span<const uint8_t> codes;  // [rows, groups * side], below 2^bits
  std::span<const float> scales;   // [rows, groups]
  std::span<const uint8_t> zeros;  // [rows, groups], below 2^bits
};

// The same weights in a scheme of the same bits and blocks: int4 and int8 when every zero is 2^(bits - 1), uint4 and
// uint8 otherwise. Scales become positive: a negative one turns code and zero round, and that of a block of zeros
// becomes 1. They are rounded to fp16. Errors, which begin with `where`: corrupt for a scale that is no finite number;
// unsupported for a weight beyond fp16, and without offsets for the lowest code below a negative scale.
Encoded keep_codes(const ForeignCodes& foreign, const Scheme& scheme, std::string_view where);

}  // namespace cortland
