// Rotary tables as constants of the graph.
#pragma once

#include "mil/payload.h"
#include "model/rope_table.h"

namespace cortland {

enum class RopePart { cos, sin };

// fp16 [1, 1, positions, R]: cos rows [c, c] or sin rows [-s, s] of angle = position * inv_freq, both times the
// attention factor; as hosts of the `ane` profile make them.
mil::PayloadPtr make_rope_payload(const RopeTable& table, RopePart part, int64_t positions);

}  // namespace cortland
