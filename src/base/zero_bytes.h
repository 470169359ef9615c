// Bytes that start as zeros and take no memory before they are written.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace cortland {

// calloc() alone would not do: glibc raises the size from which it takes fresh pages to that of the largest block that
// was freed, and fills smaller ones with zeros. Errors: std::bad_alloc.
class ZeroBytes {
 public:
  ZeroBytes() : bytes_(nullptr, Release{0}) {}
  explicit ZeroBytes(size_t size);

  std::span<std::byte> span() const { return {bytes_.get(), bytes_ == nullptr ? 0 : bytes_.get_deleter().size}; }

 private:
  struct Release {
    size_t size;
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte[], Release> bytes_;
};

}  // namespace cortland
