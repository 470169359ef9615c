// Cutting by what matches: the behaviours that Split and Punctuation share.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

enum class Behavior : uint8_t { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// As tokenizer.json spells them, in the order of Behavior.
inline constexpr std::array<std::string_view, 5> kBehaviorNames = {"Removed", "Isolated", "MergedWithPrevious",
                                                                   "MergedWithNext", "Contiguous"};

// Takes the segments of one piece from left to right, matches and the text between them, and makes pieces of them.
class Cutter {
 public:
  // REQUIRES: `out` outlives it.
  Cutter(Behavior behavior, std::vector<Pieces::Range>& out) : behavior_(behavior), out_(out) {}

  void begin_piece();
  void add(uint32_t begin, uint32_t end, bool is_match);
  void end_piece();

 private:
  void flush();

  Behavior behavior_;
  std::vector<Pieces::Range>& out_;
  Pieces::Range open_{0, 0};  // what may still grow
  bool has_open_ = false;
  bool was_match_ = false;  // the segment before
};

}  // namespace cortland::text
