// Elements that lie packed or as codes, as the numbers that they stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tensor/codes.h"
#include "tensor/dtype.h"

namespace cortland {

// Immutable and thread-safe.
class Elements {
 public:
  virtual ~Elements() = default;
  // The elements from `first` on, in the order of the array. REQUIRES: they are inside it.
  virtual void read(int64_t first, std::span<float> out) const = 0;
  // y[r] = sum over c of element first + r x.size() + c, times x[c]: rows of a matrix by a vector, in fp32.
  virtual void multiply(int64_t first, std::span<const float> x, std::span<float> y) const;
  // Those that lie in memory as integers of up to 8 bits, for readers of many at once; nothing: other elements.
  virtual std::optional<Codes> codes() const { return std::nullopt; }
};

using ElementsPtr = std::shared_ptr<const Elements>;

// Numbers of any type but strings, 64-bit integers and fp8, as weight files and literals hold them: dense,
// little-endian, sub-byte types packed from the lowest bit. `owner` keeps the bytes alive. Errors: unsupported.
ElementsPtr make_stored_elements(DType dtype, std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
ElementsPtr make_float_elements(std::vector<float> values);

// codes[i], each below 2^bits, as one stream of bits from the lowest on. REQUIRES: out holds
// stored_size(codes.size(), bits) bytes.
void pack_codes(std::span<const uint8_t> codes, int bits, std::span<std::byte> out);

}  // namespace cortland
