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

  // Where code i lies, or the first of its byte.
  const uint8_t* byte_of(size_t i) const { return bytes + i * static_cast<size_t>(bits_of(dtype)) / 8; }
  // Whether code i begins a byte. Those below begin with such a code.
  bool begins_byte(size_t i) const { return i * static_cast<size_t>(bits_of(dtype)) % 8 == 0; }
};

// Whether scale_codes() reads them: of 4 or 8 bits.
bool is_scalable(DType dtype);

// One number for each `block` codes of a row; the last block may be cut short. Those of several rows follow one
// another.
struct RowScales {
  std::span<const float> scales;
  std::span<const float> offsets;  // as many, or none
  size_t block = 1;
  // Whether all the numbers are zero or in the normal range of fp16, given scales in fp16: whole offsets, scales that
  // are neither tiny nor huge.
  bool is_exact() const;
};

// out[i] = scale (codes[first + i] - offset) of block i / row.block, rounded to fp16 if `to_half`; the scales are fp16
// then. REQUIRES: is_scalable(), begins_byte(first); blocks of 4-bit codes are even, or there is just one.
void scale_codes(const Codes& codes, size_t first, const RowScales& row, bool to_half, std::span<float> out);

// out[i] = table[codes[first + i]]. REQUIRES: an unsigned type of b bits, begins_byte(first), 2^b entries.
void look_up_codes(const Codes& codes, size_t first, std::span<const float> table, std::span<float> out);

}  // namespace cortland
