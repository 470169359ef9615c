// The strings of a Unigram vocabulary as a tree of bytes: which tokens begin at a place of a text.
#pragma once

#include "text/tokenizer/vocabulary.h"

namespace cortland::text {

// Longer tokens are refused: a search looks no further.
inline constexpr size_t kMaxTrieDepth = 1024;

inline uint64_t hash_edge(uint32_t key) { return mix(key); }

// Refers to the image. Node 0 is the root.
class Trie {
 public:
  static portable::Result<Trie> read(const Sections& image, const Settings& settings);

  // Calls `found(size, id)` for each token that `text` begins with, the shortest first.
  template <typename Found>
  void find_prefixes(std::string_view text, Found found) const {
    uint32_t node = 0;
    for (size_t at = 0; at < text.size() && at < kMaxTrieDepth; ++at) {
      node = child(node, static_cast<unsigned char>(text[at]));
      if (node == 0) return;
      const int32_t id = tokens_[node];
      if (id >= 0) found(at + 1, static_cast<uint32_t>(id));
    }
  }

 private:
  // 0 when there is none.
  uint32_t child(uint32_t node, uint32_t byte) const {
    const uint32_t key = node << 8 | byte;
    const uint64_t hash = hash_edge(key);
    for (uint32_t probe = 0; probe < kMaxProbes; ++probe) {
      const TrieSlot slot = edges_[(hash + probe) & (edges_.size() - 1)];
      if (slot.key == key) return slot.node;
      if (slot.key == kNoId) break;
    }
    return 0;
  }

  Packed<TrieSlot> edges_;
  Packed<int32_t> tokens_;
};

}  // namespace cortland::text
