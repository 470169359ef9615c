// Rotary frequencies from a config.
#pragma once

#include <string_view>

#include "model/config.h"
#include "model/spec.h"

namespace cortland {

// Reads `rope_parameters` (all in one object, possibly one per layer type) or `rope_theta` with `rope_scaling`.
// `layer_type` picks the object where there is one per type; `rotary_dims` is R (even). An unknown kind is refused.
RopeTable read_rope_table(ConfigReader& config, std::string_view layer_type, int64_t rotary_dims);

}  // namespace cortland
