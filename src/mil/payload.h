// The bytes of a constant, produced on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace cortland::mil {

// Immutable and thread-safe: produce() is called from many threads at once.
class Payload {
 public:
  virtual ~Payload() = default;
  // The recipe in words. Equal keys mean equal bytes; the writer stores such payloads once.
  virtual const std::string& key() const = 0;
  virtual DType dtype() const = 0;
  virtual const Shape& shape() const = 0;
  // Fills `out` with the stored bytes from `offset`. Both are multiples of the granule, or reach to the end.
  virtual void produce(uint64_t offset, std::span<std::byte> out) const = 0;
  // The bytes of one unit that produce() can begin and end at.
  virtual uint64_t granule_bytes() const { return 64; }
  // All stored bytes where they lie in memory already; empty otherwise.
  virtual std::span<const std::byte> view() const { return {}; }

  uint64_t size_bytes() const { return stored_size(static_cast<uint64_t>(element_count(shape())), dtype()); }
};

using PayloadPtr = std::shared_ptr<const Payload>;

// All bytes of a payload.
std::vector<std::byte> produce_all(const Payload& payload);

// A payload that holds its bytes; its key is a digest of them.
PayloadPtr make_bytes_payload(DType dtype, Shape shape, std::vector<std::byte> bytes);

}  // namespace cortland::mil
