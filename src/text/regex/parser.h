// Pattern to tree.
#pragma once

#include <string_view>

#include "portable/result.h"
#include "text/regex/node.h"

namespace cortland::text::regex {

portable::Result<Node> parse_regex(std::string_view pattern);

}  // namespace cortland::text::regex
