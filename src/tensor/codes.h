// Codes of few bits as the numbers that they stand for, by SIMD: a row of a compressed weight at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/dtype.h"

namespace cortland {

// Integers of up to 8 bits, as weight files hold them: packed from the lowest bit on.
struct Codes {
  DType dtype = DType::u8;
  const uint8_t* bytes = nullptr;

  // Whether code i begins a byte. Those below begin with such a code.
  bool begins_byte(size_t i) const { return i * static_cast<size_t>(bits_of(dtype)) % 8 == 0; }
};

// Whether scale_codes() reads them: of 4 or 8 bits.
bool is_scalable(DType dtype);

// One number for each `block` codes of a row; the last block may be cut short.
struct RowScales {
  std::span<const float> scales;
  std::span<const float> offsets;  // as many, or none
  size_t block = 1;
  // Whether all the numbers are zero or in the normal range of fp16, given scales in fp16: whole offsets, scales that
  // are neither tiny nor huge.
  bool is_exact() const;
};

// out[i] = scale (codes[first + i] - offset) of block i / row.block, rounded to fp16 if `to_half`. REQUIRES:
// with `to_half`, scales and offsets are fp16 values;
// is_scalable(), begins_byte(first); blocks of 4-bit codes are even, or there is just one.
void scale_codes(const Codes& codes, size_t first, const RowScales& row, bool to_half, std::span<float> out);

// The sum over i of the same numbers times x[i], in fp32; as a rule none of them is stored on the way.
float multiply_scaled_codes(const Codes& codes, size_t first, const RowScales& row, bool to_half,
                            std::span<const float> x);

// out[i] = table[codes[first + i]]. REQUIRES: an unsigned type of b bits, begins_byte(first), 2^b entries.
void look_up_codes(const Codes& codes, size_t first, std::span<const float> table, std::span<float> out);

// The sum over i of these entries times x[i], in fp32.
float multiply_entries(const Codes& codes, size_t first, std::span<const float> table, std::span<const float> x);

}  // namespace cortland
