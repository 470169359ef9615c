// Safetensors files and checkpoint folders made by hand, good or bad.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "tensor/shape.h"

namespace cortland {

// A file with this header and these tensor bytes, as they are. It claims that the header has `header_size` bytes, the
// true number if none is given.
std::string raw_safetensors(std::string_view header, std::string_view data, std::optional<uint64_t> header_size = {});

struct StoredTensor {
  std::string name;
  std::string dtype;  // as the format calls it: "F16"
  Shape shape;
  std::string bytes;
};

// A good file with the tensors in this order. The header is padded so that the data begins at a multiple of 8.
std::string safetensors_text(const std::vector<StoredTensor>& tensors);

// Writes `path` and the folders above it.
void write_file(FileSystem& files, const std::string& path, std::string_view text);

}  // namespace cortland
