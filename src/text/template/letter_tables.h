// What letter_tables.cc, a generated file, holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cortland::text {

// The letters first, first + step, ... last have their counterpart `offset` away.
struct CaseRange {
  char32_t first, last;
  uint32_t step;
  int32_t offset;
};

// A letter whose counterpart is several characters.
struct CaseText {
  char32_t letter;
  const char32_t* text;
};

struct HiddenRange {
  char32_t first, last;
};

// All in ascending order.
extern const std::span<const CaseRange> kUpper, kLower, kTitle;  // kTitle: where it differs from upper case
extern const std::span<const CaseText> kUpperTexts, kLowerTexts, kTitleTexts;
extern const std::span<const HiddenRange> kHidden;

}  // namespace cortland::text
