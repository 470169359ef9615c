// Layers whose columns were grouped in another order than they are stored in: GPTQ's desc_act, actorder of
// compressed-tensors.
#pragma once

#include "checkpoint/checkpoint.h"
#include "model/spec.h"

namespace cortland {

// Sorts the channels of the feed-forward part by the groups of `down`: its columns and, so that the model computes the
// same, the rows of gate and up. Then its groups are blocks of neighbours. Other layers read channels that more than
// one layer writes, and stay as they are. Errors: as StoredCodes::traits().
void undo_activation_order(ModelSpec& spec, const Checkpoint& checkpoint);

}  // namespace cortland
