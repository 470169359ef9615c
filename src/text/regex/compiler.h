// Tree to program.
#pragma once

#include "portable/result.h"
#include "text/regex/node.h"
#include "text/regex/program.h"

namespace cortland::text::regex {

portable::Result<Program> compile_regex(const Node& root);

}  // namespace cortland::text::regex
