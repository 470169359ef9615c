#include "text/tokenizer/trie.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;

Result<Trie> Trie::read(const Sections& image, const Settings& settings) {
  Result<Packed<TrieSlot>> edges = read_table<TrieSlot>(image, kTrie);
  if (!edges) return Failure{edges.message()};
  const std::optional<std::span<const std::byte>> tokens = image.find(kTrieTokens);
  Trie trie;
  trie.edges_ = *edges;
  if (tokens) trie.tokens_ = Packed<int32_t>(*tokens);
  bool good = trie.tokens_.size() > 0;
  for (size_t i = 0; i < trie.tokens_.size(); ++i) {
    good &= trie.tokens_[i] < static_cast<int64_t>(settings.tokens);
  }
  for (size_t i = 0; i < trie.edges_.size(); ++i) good &= trie.edges_[i].node < trie.tokens_.size();
  if (!good) return Failure{"tokenizer image: the tree of tokens names a node or an id that does not exist"};
  return trie;
}

}  // namespace cortland::text
