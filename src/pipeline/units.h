// Sizes as notes and warnings write them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace cortland {

// "3.22 GB", "336 MB", "12 kB": decimal units.
inline std::string rounded_size(uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.2f} GB", value / 1e9);
  if (bytes >= 1'000'000) return fmt::format("{:.0f} MB", value / 1e6);
  return fmt::format("{:.0f} kB", value / 1e3);
}

}  // namespace cortland
