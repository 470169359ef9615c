// Reads a whole template.
#pragma once

#include <string_view>

#include "portable/result.h"
#include "text/template/program.h"

namespace cortland::text {

portable::Result<std::unique_ptr<const Program>> parse_program(std::string_view source);

}  // namespace cortland::text
