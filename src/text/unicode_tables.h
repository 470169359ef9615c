// The data behind unicode.h, as tools/unicode_tables/make.py writes it: each table is a list of numbers, coded as
// LEB128 varints in base64. Two forms:
//   runs: length * width + value of each run of equal values, from code point 0 on
//   mappings: for each code point that has one: the step from the one before, the count n, then n code points, each as
//             the zigzag step from the one before it (the first from the mapped code point itself)
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cortland::text {

extern const std::string_view kUnicodeVersion;

extern const std::string_view kCategoryRuns;         // width 32; Category
extern const std::string_view kAgeRuns;              // width 32; the major version it came with, 0 unassigned
extern const std::string_view kOtherAlphabeticRuns;  // width 2; Alphabetic, but neither L nor Nl
extern const std::string_view kOtherUppercaseRuns;   // width 2; Uppercase, but not Lu
extern const std::string_view kOtherLowercaseRuns;   // width 2; Lowercase, but not Ll
extern const std::array<std::string_view, 171> kScriptNames;
extern const std::string_view kScriptRuns;           // width 256; index in kScriptNames
extern const std::string_view kLowerMappings;        // full lower case without context
extern const std::string_view kUpperMappings;        // full upper case
extern const std::string_view kTitleMappings;        // full title case, where it is not upper case
extern const std::string_view kFoldMappings;         // full case folding
extern const std::string_view kGraphemeBreakRuns;    // width 8; 1 control, 2 extend or ZWJ, 3 spacing mark, 4 prepend
extern const std::string_view kCombiningClassRuns;   // width 256
extern const std::string_view kCanonicalMappings;      // one step of decomposition
extern const std::string_view kCompatibilityMappings;  // the others
extern const std::string_view kNoCompositions;         // pairs of kCanonicalMappings that never compose; n = 0

struct Run {
  char32_t begin, end;  // [begin, end)
  uint32_t value;
};
struct Mapping {
  char32_t code;
  uint32_t begin, count;  // in Mappings::targets
};
struct Mappings {
  std::vector<Mapping> entries;  // by code
  std::vector<char32_t> targets;

  // nullptr when `code` has none.
  const Mapping* find(char32_t code) const;
};

std::vector<Run> decode_runs(std::string_view table, uint32_t width);
Mappings decode_mappings(std::string_view table);

}  // namespace cortland::text
