// Which models can be converted, and which are known and cannot, and why.
#pragma once

#include <string>
#include <vector>

namespace cortland {

struct KnownModel {
  std::string model_type;
  std::string refused;  // why not; empty: it can be converted
};

// Those that can be converted first, each part sorted.
std::vector<KnownModel> known_models();

}  // namespace cortland
