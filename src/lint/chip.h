// What rules need to know about chips.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cortland::lint {

struct Chip {
  std::string_view name;         // as --chip spells it
  int64_t axis_limit;            // elements along an axis
  uint64_t weight_limit;         // bytes of weights in one package that it is known to load
  bool saturates_far_slices;     // slices of the last axis that begin beyond kFarSlice read infinity
  bool stalls_on_whole_mib;      // weight transfers of whole MiB for each core are slow
};

inline constexpr int64_t kOldAxisLimit = 16384, kAxisLimit = 65536;
inline constexpr uint64_t kPhoneWeights = 950'000'000, kMacWeights = 1'900'000'000;
inline constexpr int64_t kFarSlice = 4094;

// From old to new. Source: ane-practice.md, sections 1.2, 1.5, 1.6 and 7.
std::span<const Chip> chips();
// nullptr: not known.
const Chip* find_chip(std::string_view name);

}  // namespace cortland::lint
