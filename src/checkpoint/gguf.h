// One GGUF file, version 2 or 3. Layout, all little-endian:
//
//   "GGUF" | u32 version | u64 tensors | u64 keys | keys | tensor infos | padding | tensor data
//   key:    text name | u32 type | value            text: u64 length | bytes
//   array:  u32 type | u64 count | values
//   tensor: text name | u32 dims | u64 sizes, the fastest first | u32 type | u64 offset from the data
//
// Data and tensors begin at multiples of general.alignment (32 by default).
#pragma once

#include <memory>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/checkpoint.h"

namespace cortland {

struct GgufFile {
  std::shared_ptr<const Json> metadata;  // an object: numbers, texts, booleans, and lists of them
  std::vector<TensorEntry> tensors;  // by offset, each with `file` as given
};

// Errors: corrupt, naming the file and the key or tensor; unsupported for a version or an element type that is not
// known.
GgufFile read_gguf(const InputFile& file, size_t file_index);

}  // namespace cortland
