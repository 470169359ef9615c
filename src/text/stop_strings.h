// Ends a streamed answer at a stop string, and never shows a part of one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

// The match that counts is the one that is complete first; of those complete at the same byte the longest. So it makes
// no difference how the text is cut into pieces. Time: O(bytes * strings). Holds back less than the longest string.
class StopStrings {
 public:
  static constexpr size_t kMaxStrings = 256;

  // Fails for an empty string, for one that begins inside a UTF-8 character, and for too many.
  static portable::Result<StopStrings> make(std::vector<std::string> strings);

  // Takes the next piece, of any size; returns what may be shown now: all text before what may still become a stop
  // string. After a match always "".
  std::string add(std::string_view piece);
  // At the end of the text: returns what was held back. After a match "".
  std::string flush() { return std::exchange(held_, ""); }
  // The index of the string that was found; nullopt: none yet.
  std::optional<size_t> matched() const { return matched_; }
  // Begins a new text.
  void reset();

 private:
  struct Pattern {
    std::string text;
    std::vector<size_t> falls;  // [i]: length of the longest proper border of the first i + 1 bytes
    size_t progress = 0;        // how many bytes at the end of the text so far are the beginning of this string
  };

  explicit StopStrings(std::vector<std::string> strings);
  void advance(char byte);

  std::vector<Pattern> patterns_;
  std::string held_;
  std::optional<size_t> matched_;
};

}  // namespace cortland::text
