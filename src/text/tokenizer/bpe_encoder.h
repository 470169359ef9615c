// The merging of pieces.
#pragma once

#include "text/tokenizer/bpe.h"
#include "text/tokenizer/word_cache.h"

namespace cortland::text {

class BpeEncoder final : public PieceEncoder {
 public:
  explicit BpeEncoder(const Bpe& bpe) : bpe_(bpe) {}
  bool encode(std::string_view piece, std::vector<int32_t>& ids) override;

  // Without the shortcut for pieces that are tokens.
  bool merge(std::string_view piece, std::vector<int32_t>& ids);

 private:
  bool encode_part(std::string_view part, std::vector<int32_t>& ids);
  void merge_few();
  void merge_many();

  struct Symbol {
    uint32_t id = 0, previous = 0, next = 0;
    Merge merge;  // with the next one
  };

  const Bpe& bpe_;
  WordCache cache_;
  std::vector<uint32_t> symbols_;   // of the piece at hand
  std::vector<Merge> pairs_;        // [symbols - 1]
  std::vector<Symbol> list_;        // the same for long pieces, linked
  std::vector<uint64_t> queue_;     // a heap of rank << 32 | index into list_
};

}  // namespace cortland::text
