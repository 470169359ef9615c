// One fp16 number at a time, as its bits: 1 of sign, 5 of exponent (bias 15) and 10 of mantissa; fp32 has 8 (bias 127)
// and 23.
#pragma once

#include <bit>
#include <cstdint>

namespace cortland::portable {

// Exact for each of the 65536 values. Without branches, so that compilers make vector code of it. Without subnormal
// fp32, which a processor may flush to 0: a subnormal half is 2^-14 + its value, less 2^-14.
inline float half_to_float(uint16_t half) {
  constexpr uint32_t kRebias = 112u << 23;  // the exponent of 1 is 127 in fp32 and 15 in fp16
  constexpr uint32_t kStep = 1u << 23;      // of the exponent
  const uint32_t size = half & 0x7FFFu;
  const uint32_t is_special = size >= 0x7C00 ? ~0u : 0u;   // infinity and NaN
  const uint32_t is_subnormal = size < 0x0400 ? ~0u : 0u;  // or 0
  const uint32_t bits = (size << 13) + kRebias + (kRebias & is_special) + (kStep & is_subnormal);
  const float excess = std::bit_cast<float>(std::bit_cast<uint32_t>(0x1p-14f) & is_subnormal);
  const uint32_t sign = (half & 0x8000u) << 16;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(std::bit_cast<float>(bits) - excess) | sign);
}

// To nearest, ties to even; beyond the range: infinity.
inline uint16_t float_to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x47800000) return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x38800000) {
    // Subnormal in fp16: the last bit of 0.5 is worth 2^-24, so the addition rounds to that.
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000));
  }
  const uint32_t odd = magnitude >> 13 & 1;
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000 + 0xfff + odd) >> 13));
}

}  // namespace cortland::portable
