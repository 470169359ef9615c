// GGUF files as checkpoints: their metadata read as a config, and their tensor names and orders as sources of a spec.
#pragma once

#include "checkpoint/checkpoint.h"
#include "model/spec.h"

namespace cortland {

// The spec of a GGUF file. Errors: unsupported for an architecture that is not known; corrupt, as read_spec().
ModelSpec read_gguf_spec(const Checkpoint& checkpoint);

}  // namespace cortland
