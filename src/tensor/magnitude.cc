#include "tensor/magnitude.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

namespace cortland {

float largest_magnitude(std::span<const float> values) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  // Magnitudes are ordered as their bits are, NaN behind infinity; compilers make vector code of it.
  int32_t largest = 0;
  for (const float value : values) largest = std::max(largest, std::bit_cast<int32_t>(value) & INT32_MAX);
  return largest < std::bit_cast<int32_t>(kInfinity) ? std::bit_cast<float>(largest) : kInfinity;
}

}  // namespace cortland
