#pragma once

#include <string_view>

namespace cortland {

inline constexpr std::string_view kVersion = CORTLAND_VERSION;

}  // namespace cortland
