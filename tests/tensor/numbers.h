// Numbers for tests: the same ones in every run and on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tensor/convert.h"
#include "tensor/shape.h"

namespace cortland {

// Values between -scale and scale that every one of fp16, bf16 and fp32 holds exactly (8 significant bits).
inline std::vector<float> exact_numbers(size_t n, uint32_t seed, float scale = 1.0f) {
  std::vector<float> values(n);
  uint32_t state = seed * 2654435761u + 12345u;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = (static_cast<float>(state >> 24) - 128.0f) / 128.0f * scale;
  }
  return values;
}

// The bytes of `values` as elements of f16, bf16, f32 or f64, after `lead` bytes that shift their alignment.
// REQUIRES: the type holds the values exactly.
inline std::vector<std::byte> stored_as(DType dtype, const std::vector<float>& values, size_t lead = 0) {
  const auto size = static_cast<size_t>(bits_of(dtype) / 8);
  std::vector<std::byte> bytes(lead + values.size() * size);
  for (size_t i = 0; i < values.size(); ++i) {
    std::byte* out = bytes.data() + lead + i * size;
    const double wide = values[i];
    const uint16_t half = float_to_half(values[i]);
    uint32_t bits = 0;
    std::memcpy(&bits, &values[i], sizeof(bits));
    const auto brain = static_cast<uint16_t>(bits >> 16);
    if (dtype == DType::f16) std::memcpy(out, &half, size);
    if (dtype == DType::bf16) std::memcpy(out, &brain, size);
    if (dtype == DType::f32) std::memcpy(out, &values[i], size);
    if (dtype == DType::f64) std::memcpy(out, &wide, size);
  }
  return bytes;
}

// Calls body(index) for each index of `shape`, in row-major order.
template <typename Body>
void for_each_index(const Shape& shape, Body body) {
  Shape index(shape.size(), 0);
  for (int64_t i = 0, n = element_count(shape); i < n; ++i) {
    body(index);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

// Where the element of `index` lies in a dense array of `shape`.
inline size_t offset_of(const Shape& shape, const Shape& index) {
  int64_t offset = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) offset = offset * shape[axis] + index[axis];
  return static_cast<size_t>(offset);
}

}  // namespace cortland
