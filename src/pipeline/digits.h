// Numbers with no more digits than mean something: the last ones may depend on the machine.
#pragma once

#include <fmt/format.h>

#include <string>

namespace cortland {

// REQUIRES: finite.
inline double with_digits(double value, int digits) { return std::stod(fmt::format("{:.{}g}", value, digits)); }

}  // namespace cortland
