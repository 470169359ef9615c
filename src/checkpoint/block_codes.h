// The codes of the block types of GGUF files that are one scale times integers.
#pragma once

#include "base/file.h"
#include "checkpoint/checkpoint.h"

namespace cortland {

// nullptr when the weights of the type are not scale * integer, or the tensor is no matrix.
StoredCodesPtr make_block_codes(std::shared_ptr<const InputFile> file, const TensorEntry& entry);

}  // namespace cortland
