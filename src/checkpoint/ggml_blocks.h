// The storage types of GGUF files: plain numbers, and blocks of 32 or 256 quantized weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cortland {

struct GgmlType {
  uint32_t id;            // in a file
  std::string_view name;  // "Q4_K"
  size_t elements;        // of a block
  size_t bytes;           // of a block
  // Decodes one block into `elements` numbers: d * q, with one rounding to fp32 per operation.
  void (*decode)(const std::byte* block, float* out);
  // Of a type that is one scale times integers: the scale, and the integers + 2^(code_bits - 1).
  int code_bits = 0;
  float (*split)(const std::byte* block, uint8_t* codes) = nullptr;
  std::string_view obstacle = {};  // what other quantized types have instead
};

// nullptr for a type that cannot be read.
const GgmlType* find_ggml_type(uint32_t id);

// "F32, F16, Q8_0, ...": what can be read.
std::span<const GgmlType> ggml_types();

}  // namespace cortland
