// The weights of quantized layers as tensors: what is stored as X.qweight, X.qzeros, X.scales and X.g_idx, or as
// X.weight_packed, X.weight_scale and so on, becomes X.weight [rows, cols] with codes.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/packing.h"

namespace cortland {

// The tensors with each quantized layer as one; the others as they are. Errors: corrupt, naming the tensor whose shape
// or type does not fit, or that is missing.
std::vector<TensorEntry> join_packed_weights(std::vector<TensorEntry> stored, const Packing& packing,
                                             std::span<const std::shared_ptr<const InputFile>> files);

}  // namespace cortland
