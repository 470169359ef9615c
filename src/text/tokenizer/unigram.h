// The Unigram model: of all ways to cut a piece into tokens, the one with the largest sum of scores. An unknown
// character costs kUnknownPenalty more than the least likely token; unknown neighbours are one.
#pragma once

#include <array>

#include "text/tokenizer/model.h"
#include "text/tokenizer/trie.h"
#include "text/tokenizer/word_cache.h"

namespace cortland::text {

inline constexpr double kUnknownPenalty = 10;

class Unigram final : public Model {
 public:
  static portable::Result<std::unique_ptr<const Unigram>> read(const Sections& image, const Settings& settings,
                                                               const Vocabulary& vocabulary);
  std::unique_ptr<PieceEncoder> make_encoder() const override;

 private:
  friend class UnigramEncoder;
  explicit Unigram(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}
  bool append_unknown(std::string_view text, std::vector<int32_t>& ids) const;

  const Vocabulary& vocabulary_;
  Settings settings_;
  Trie trie_;
  Packed<double> scores_;
  std::array<int32_t, 256> byte_tokens_{};  // -1: missing
};

}  // namespace cortland::text
