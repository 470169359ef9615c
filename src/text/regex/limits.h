// How much a pattern may ask for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cortland::text::regex {

inline constexpr size_t kMaxPatternBytes = 8192;
inline constexpr int kMaxDepth = 32;             // of groups and classes
inline constexpr int kMaxRepeatsInARow = 4;      // "a+{2}*"
inline constexpr uint32_t kMaxRepeat = 100000;   // n and m of {n,m}
inline constexpr size_t kMaxInstructions = 20000;
inline constexpr size_t kMaxSets = 500;          // different classes; each has a table of 10 to 50 KB
inline constexpr size_t kMaxChoices = 500;       // tables of 2 KB
inline constexpr uint32_t kMaxLookBehind = 255;  // code points

}  // namespace cortland::text::regex
