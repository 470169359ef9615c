// The header of one .safetensors file. Layout:
//
//   u64 N (little-endian) | N bytes of JSON, right-padded with spaces | tensor bytes to the end of the file
//   JSON: {name: {"dtype": "BF16", "shape": [..], "data_offsets": [begin, end)}, "__metadata__": {text: text}}
//
// Offsets count from the end of the header. Tensors tile the rest of the file: no gaps, no overlaps, nothing behind
// them.
#pragma once

#include <vector>

#include "base/file.h"
#include "checkpoint/checkpoint.h"

namespace cortland {

// The tensors of a file by offset, each with `file` as given. Errors: corrupt, naming the file and the tensor;
// unsupported for an element type that is not known.
std::vector<TensorEntry> read_safetensors(const InputFile& file, size_t file_index);

}  // namespace cortland
