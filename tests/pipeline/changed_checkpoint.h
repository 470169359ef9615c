// Golden checkpoints with other numbers in them.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "tensor/convert.h"

namespace cortland {

// Gives every element of a tensor in a folder, which must be BF16 or F32, the value new_value(old, row, column) for the
// row of its first axis. Exact in BF16 where the new value has no more than 8 bits.
inline void change_tensor(const std::string& folder, const std::string& tensor,
                          const std::function<float(float old, size_t row, size_t column)>& new_value) {
  const Checkpoint checkpoint = Checkpoint::open(disk(), folder);
  const TensorEntry* entry = checkpoint.find(tensor);
  ASSERT_NE(entry, nullptr) << tensor;
  ASSERT_TRUE(entry->dtype == DType::bf16 || entry->dtype == DType::f32) << tensor;
  const auto size = static_cast<size_t>(bits_of(entry->dtype) / 8);
  const auto columns = static_cast<size_t>(entry->shape.size() < 2 ? 1 : entry->shape.back());
  std::vector<float> values(entry->size_bytes / size);
  std::string bytes(entry->size_bytes, '\0');
  checkpoint.read(*entry, 0, std::as_writable_bytes(std::span(bytes)));
  to_floats(entry->dtype, reinterpret_cast<const std::byte*>(bytes.data()), values);
  for (size_t i = 0; i < values.size(); ++i) {
    const float value = new_value(values[i], i / columns, i % columns);
    // Little-endian: BF16 is the upper half.
    std::memcpy(bytes.data() + size * i, reinterpret_cast<const char*>(&value) + sizeof value - size, size);
  }
  std::fstream file(checkpoint.files()[entry->file]->path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(entry->offset));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Multiplies every element with a power of two.
inline void scale_tensor(const std::string& folder, const std::string& tensor, int exponent) {
  change_tensor(folder, tensor, [=](float old, size_t, size_t) { return std::ldexp(old, exponent); });
}

}  // namespace cortland
