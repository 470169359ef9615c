// fp16 as its bits.
#pragma once

#include <bit>
#include <cstdint>

namespace cortland::portable {

// Exact for each of the 65536 values. Without branches, so that compilers make vector code of it. Without subnormal fp32,
// which a processor may flush to 0: a subnormal half is 2^-14 + its value, less 2^-14.
inline float widen_half(uint16_t half) {
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

// The nearest one, of two the even one; infinity from 65520 on. REQUIRES: no NaN.
inline uint16_t narrow_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value), sign = (bits >> 16) & 0x8000u, size = bits & 0x7FFFFFFFu;
  constexpr uint32_t kOverflow = 0x477FF000u;   // 65520
  constexpr uint32_t kSmallest = 0x38800000u;   // 2^-14, the smallest that is not subnormal
  if (size >= kOverflow) return static_cast<uint16_t>(sign | 0x7C00u);
  if (size < kSmallest) {
    // Adding 0.5 leaves the multiples of 2^-24 in the last bits, rounded as fp32 rounds.
    const float sum = std::bit_cast<float>(size) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(sum) - std::bit_cast<uint32_t>(0.5f)));
  }
  const uint32_t odd = (size >> 13) & 1u;
  return static_cast<uint16_t>(sign | ((size - (112u << 23) + 0xFFFu + odd) >> 13));
}

}  // namespace cortland::portable
