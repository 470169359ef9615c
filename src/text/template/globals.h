// Functions that every template can call without a value before them.
#pragma once

#include "text/template/builtin.h"

namespace cortland::text {

// How the message of a failure begins that the template raised; the rest is its own.
inline constexpr std::string_view kRaised = "chat template says: ";

const Builtin* find_global(std::string_view name);

}  // namespace cortland::text
