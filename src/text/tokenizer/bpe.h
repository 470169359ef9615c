// Byte pair encoding: a piece begins as its characters; the pair of neighbours with the lowest rank merges, the
// leftmost of equals first, until no pair is left that merges. A piece of n characters takes time n log n.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "text/tokenizer/merges.h"
#include "text/tokenizer/model.h"

namespace cortland::text {

// Stands for a space in vocabularies of SentencePiece: ▁, in UTF-8.
inline constexpr std::string_view kLowerOneEighthBlock = "\xE2\x96\x81";

class Bpe final : public Model {
 public:
  static portable::Result<std::unique_ptr<const Bpe>> read(const Sections& image, const Settings& settings,
                                                           const Vocabulary& vocabulary);
  std::unique_ptr<PieceEncoder> make_encoder() const override;

  // The ids that a piece begins with, before any merge. False as in PieceEncoder::encode.
  bool split(std::string_view piece, std::vector<uint32_t>& ids) const;
  // How many bytes of the piece may be encoded without looking at the rest.
  size_t first_part(std::string_view piece) const;

  const Vocabulary& vocabulary() const { return vocabulary_; }
  const Merges& merges() const { return merges_; }

 private:
  explicit Bpe(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}
  int32_t find_character(std::string_view character) const;
  bool append_bytes(std::string_view text, std::vector<uint32_t>& ids) const;

  static constexpr size_t kDirect = 0x800;  // code points of at most two bytes

  const Vocabulary& vocabulary_;
  Merges merges_;
  Settings settings_;
  std::string_view prefix_, suffix_;
  std::array<int32_t, 256> byte_tokens_{};  // -1: missing
  std::array<int32_t, kDirect> direct_{};   // ids of single characters, -1: none
  std::optional<Packed<uint32_t>> uncut_;   // characters that keep U+2581 behind them; absent: nothing may be cut
};

}  // namespace cortland::text
