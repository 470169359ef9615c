// Rotary frequencies from a config.
#pragma once

#include <string_view>

#include "model/config.h"
#include "model/rope_table.h"

namespace cortland {

struct RopeRequest {
  int64_t rotary_dims = 0;  // R, even
  int64_t head_dim = 0;     // E
  int64_t max_positions = 0;
  std::string_view layer_type = "full_attention";  // picks the object where rope_parameters has one per layer type
  std::string_view theta_key = "rope_theta";
  double default_theta = 10000;
  bool scaled = true;  // false: layers that the scaling leaves alone
};

// Reads `rope_parameters` (all in one object, possibly one per layer type) or `rope_theta` with `rope_scaling`. An
// unknown kind is refused.
RopeTable read_rope_table(ConfigReader& config, const RopeRequest& request);

}  // namespace cortland
