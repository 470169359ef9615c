// New text for pieces, one after another.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

class Rewriter {
 public:
  // REQUIRES: `pieces` outlives it and does not change before finish().
  Rewriter(Pieces& pieces, size_t expected_bytes) : pieces_(pieces) { out_.reserve(expected_bytes); }

  std::string_view text_of(const Pieces::Range& range) const {
    return std::string_view(pieces_.text).substr(range.begin, range.end - range.begin);
  }
  // What is appended here until end_piece() is the next piece.
  std::string& out() { return out_; }
  void end_piece() {
    const auto end = static_cast<uint32_t>(out_.size());
    if (end > begin_) ranges_.push_back({begin_, end});
    begin_ = end;
  }
  void finish() {
    // Text that was dropped in front is gone from now on.
    pieces_.at_start = pieces_.at_start && !pieces_.ranges.empty() && pieces_.ranges[0].begin == 0;
    pieces_.text = std::move(out_);
    pieces_.ranges = std::move(ranges_);
  }

 private:
  Pieces& pieces_;
  std::string out_;
  std::vector<Pieces::Range> ranges_;
  uint32_t begin_ = 0;
};

}  // namespace cortland::text
