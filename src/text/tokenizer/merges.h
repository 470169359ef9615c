// The merges of a BPE model: which two neighbours become one token, and which pair goes first.
#pragma once

#include "text/tokenizer/vocabulary.h"

namespace cortland::text {

inline constexpr uint32_t kNoRank = 0xFFFFFFFF;

struct Merge {
  uint32_t rank = kNoRank;  // lowest first
  uint32_t id = 0;          // what the pair becomes
};

// Refers to the image.
class Merges {
 public:
  static portable::Result<Merges> read(const Sections& image, const Settings& settings);

  // kNoRank when the two do not merge.
  Merge find(uint32_t left, uint32_t right) const {
    const uint64_t hash = hash_pair(left, right, seed_);
    const size_t mask = table_.size() - 1;
    for (uint32_t probe = 0; probe < kMaxProbes; ++probe) {
      const MergeSlot slot = table_[(hash + probe) & mask];
      if (slot.left == left && slot.right == right) return {slot.rank, slot.merged};
      if (slot.left == kNoId) break;
    }
    return {};
  }

 private:
  Packed<MergeSlot> table_;
  uint32_t seed_ = 0;
};

}  // namespace cortland::text
