// Conversions between floating types, in bulk and by SIMD. All rounding is to nearest, ties to even.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/dtype.h"
#include "tensor/half.h"

namespace cortland {

inline constexpr float kHalfMax = 65504.0f;

// Element types that the functions below read: f16, bf16, f32, f64.
bool is_convertible(DType dtype);

// out[i] = stored[i]. REQUIRES: stored holds out.size() elements (any alignment). Errors: unsupported unless
// is_convertible(dtype).
void to_floats(DType dtype, const std::byte* stored, std::span<float> out);

// What a conversion met.
struct ConvertStats {
  float max_abs = 0;       // largest finite magnitude of the source
  bool non_finite = false;  // the source holds a NaN or an infinity
  uint64_t saturated = 0;   // finite values beyond fp16, written as +-65504
  void merge(const ConvertStats& other);
};

// stored (any convertible type) -> fp16 bits, saturating.
ConvertStats to_halves(DType dtype, const std::byte* stored, std::span<uint16_t> out);

// values -> fp16 bits, not saturating.
void floats_to_halves(std::span<const float> values, std::span<uint16_t> out);

// Rounds every value to the nearest fp16 value, in place; beyond the range: infinity.
void round_to_half(std::span<float> values);

// sum over i of stored[i] * x[i], in fp32. REQUIRES: dtype is f16, bf16 or f32.
float dot(DType dtype, const std::byte* stored, const float* x, size_t n);

}  // namespace cortland
