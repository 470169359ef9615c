// Inputs, outputs and states in words.
#pragma once

#include <string>

#include "package/package.h"

namespace cortland {

// The type of a value at the border of a function: "int32[1, 1 to 512]". Of a state, what it holds.
std::string border_type_text(const Package& package, const mil::Function& function, mil::ValueId id);

}  // namespace cortland
