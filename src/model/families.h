// From config.json to a ModelSpec.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "model/spec.h"

namespace cortland {

// Reads a parsed config.json. Errors: unsupported (unknown family, activation, RoPE kind, quantized, remote code, a key
// that could change the mathematics and is not understood: all reasons in one message) or corrupt (a missing key, a
// wrong type, numbers that do not fit together). `file` is what messages call it.
ModelSpec read_spec(const Json& config, std::string_view file = "config.json");

// The model_type of every supported family, sorted.
std::vector<std::string> family_names();

// Families that are known and refused, with the reason: {"mixtral", "mixture of experts"}.
struct RefusedFamily {
  std::string_view model_type;
  std::string_view reason;
};
std::vector<RefusedFamily> refused_families();

}  // namespace cortland
