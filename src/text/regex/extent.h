// How much text a node takes.
#pragma once

#include <cstdint>

#include "text/regex/node.h"

namespace cortland::text::regex {

struct Extent {
  uint32_t min = 0, max = 0;  // code points; Node::kUnlimited
};

Extent extent_of(const Node& node);

}  // namespace cortland::text::regex
