// Building the tables of an image (image.h): open addressing at most half full. A seed is tried after the other until
// no entry lies far from its place, so that no choice of strings makes a search long.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "text/tokenizer/image.h"

namespace cortland::text {

template <typename Slot>
struct HashTable {
  std::vector<Slot> slots;
  uint32_t seed = 0;
};

// `hash(entry, seed)` places an entry, `is_free(slot)` tells the slots of no entry. Nothing when no seed will do.
template <typename Slot, typename Hash, typename IsFree>
std::optional<HashTable<Slot>> build_table(const std::vector<Slot>& entries, uint32_t seeds, Hash hash,
                                           IsFree is_free) {
  size_t size = 16;
  while (size < entries.size() * 2) size *= 2;
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    HashTable<Slot> table{std::vector<Slot>(size), seed};
    bool fits = true;
    for (size_t i = 0; fits && i < entries.size(); ++i) {
      const uint64_t place = hash(entries[i], seed);
      uint32_t probe = 0;
      while (probe < kMaxProbes && !is_free(table.slots[(place + probe) & (size - 1)])) ++probe;
      fits = probe < kMaxProbes;
      if (fits) table.slots[(place + probe) & (size - 1)] = entries[i];
    }
    if (fits) return table;
  }
  return std::nullopt;
}

template <typename T>
std::string bytes_of(const std::vector<T>& items) {
  return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T)};
}

}  // namespace cortland::text
