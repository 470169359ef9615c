// Scales as they are stored: positive fp16 numbers.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "quant/encoded.h"
#include "tensor/half.h"

namespace cortland {

inline constexpr uint16_t kUnitScale = 0x3c00;      // 1.0, of blocks that hold zeros only
inline constexpr uint16_t kSmallestScale = 0x0001;  // 2^-24

// The nearest fp16 number that is neither zero nor so large that `largest_code` times it overflows.
inline uint16_t round_scale(float scale, int largest_code) {
  return std::max(kSmallestScale, float_to_half(std::min(scale, max_scale(largest_code))));
}

// The same with 8 significant bits, which times a code of int4 is a number of fp16: there is nothing to round, and a
// sum over a block needs its scale only once.
inline uint16_t round_short_scale(float scale) {
  constexpr float kMost = 8160;  // -8 times the next is beyond fp16
  constexpr uint32_t kDropped = 16;  // bits of the mantissa of fp32
  const uint32_t bits = std::bit_cast<uint32_t>(std::min(scale, kMost));
  const uint32_t half_up = (uint32_t{1} << (kDropped - 1)) - 1 + (bits >> kDropped & 1);  // ties to even
  return round_scale(std::bit_cast<float>((bits + half_up) >> kDropped << kDropped), 8);
}

inline float scale_value(uint16_t scale) { return half_to_float(scale); }

}  // namespace cortland
