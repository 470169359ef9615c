#include "text/tokenizer/split.h"

namespace cortland::text {

void Cutter::begin_piece() {
  has_open_ = false;
  was_match_ = false;
}

void Cutter::flush() {
  if (has_open_ && open_.begin < open_.end) out_.push_back(open_);
  has_open_ = false;
}

void Cutter::add(uint32_t begin, uint32_t end, bool is_match) {
  bool joins = false;  // the piece that is open
  switch (behavior_) {
    case Behavior::kRemoved:
      if (is_match) return;
      break;
    case Behavior::kIsolated: break;
    case Behavior::kContiguous: joins = is_match == was_match_; break;
    case Behavior::kMergedWithPrevious: joins = is_match && !was_match_; break;
    case Behavior::kMergedWithNext: joins = was_match_ && !is_match; break;
  }
  was_match_ = is_match;
  if (joins && has_open_) {
    open_.end = end;
    return;
  }
  flush();
  open_ = {begin, end};
  has_open_ = true;
}

void Cutter::end_piece() { flush(); }

}  // namespace cortland::text
