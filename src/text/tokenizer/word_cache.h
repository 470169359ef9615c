// Pieces seen before and their ids: a direct-mapped table of short ones.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace cortland::text {

class WordCache {
 public:
  WordCache() : slots_(kSlots) {}

  static bool fits(std::string_view word) { return word.size() <= kMaxWord; }

  // Appends the ids of a word. REQUIRES: fits(word).
  bool find(std::string_view word, uint64_t hash, std::vector<int32_t>& ids) const {
    const Slot& slot = slots_[hash & (slots_.size() - 1)];
    if (slot.hash != hash || slot.size != word.size() || slot.count == 0 ||
        std::memcmp(slot.word, word.data(), word.size()) != 0) {
      return false;
    }
    ids.insert(ids.end(), slot.ids, slot.ids + slot.count);
    return true;
  }
  // In place of another one. REQUIRES: fits(word).
  void keep(std::string_view word, uint64_t hash, const int32_t* ids, size_t count) {
    if (count == 0 || count > kMaxIds) return;
    Slot& slot = slots_[hash & (slots_.size() - 1)];
    slot.hash = hash;
    slot.size = static_cast<uint8_t>(word.size());
    slot.count = static_cast<uint8_t>(count);
    std::memcpy(slot.word, word.data(), word.size());
    std::copy(ids, ids + count, slot.ids);
  }

 private:
  static constexpr size_t kSlots = 8192;  // 512 KiB
  static constexpr size_t kMaxWord = 30;
  static constexpr size_t kMaxIds = 6;

  struct Slot {
    uint64_t hash = 0;
    int32_t ids[kMaxIds] = {};
    uint8_t size = 0, count = 0;  // count 0: empty
    char word[kMaxWord] = {};
  };
  static_assert(sizeof(Slot) == 64);  // a cache line

  std::vector<Slot> slots_;
};

}  // namespace cortland::text
