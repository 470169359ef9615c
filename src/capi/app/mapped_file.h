// A file, mapped into memory to be read.
#pragma once

#include <cstddef>
#include <span>

#include "portable/result.h"

namespace cortland::capi {

class MappedFile {
 public:
  // Fails for what is not there, cannot be read, is empty, or is no file.
  static portable::Result<MappedFile> open(const char* path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;  // empty: of nothing
};

}  // namespace cortland::capi
