// Scales as they are stored: positive fp16 numbers.
#pragma once

#include <algorithm>
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

inline float scale_value(uint16_t scale) { return half_to_float(scale); }

}  // namespace cortland
