// Text to ids and back, as the `tokenizers` library does it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portable/result.h"
#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/decoder.h"
#include "text/tokenizer/encoder_pool.h"
#include "text/tokenizer/model.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

struct EncodeOptions {
  bool add_special_tokens = false;  // such as BOS; not for text that a chat template made
  // kPlain for text that must not be able to contain control tokens, such as what a user wrote.
  SpecialText special_text = SpecialText::kRecognized;
};

struct DecodeOptions {
  bool skip_special_tokens = true;
};

// Runs from a tokenizer image (text/tokenizer/image.h, made by text/tokenizer_compiler.h), whose bytes must outlive it.
// Several threads may share one.
class Tokenizer {
 public:
  // Fails for an image that is damaged or of another version.
  static portable::Result<Tokenizer> load(std::span<const std::byte> image);

  // Fails for text that is not well-formed UTF-8 or larger than 1 GiB, and for an unknown character when the model has
  // nothing that stands for one.
  portable::Result<std::vector<int32_t>> encode(std::string_view text, const EncodeOptions& options = {}) const;
  // The parts of a text that encode() takes for special tokens: each a token with the white space that it swallows, or,
  // where a token comes about only by normalization, all that lies between tokens of raw text. In order. REQUIRES:
  // UTF-8.
  std::vector<std::string_view> special_parts(std::string_view text) const;
  // Ids without a token are passed over. Well-formed UTF-8, unless someone has changed the strings of the image.
  std::string decode(std::span<const int32_t> ids, const DecodeOptions& options = {}) const;

  // Ids in use lie below; some may have no token.
  size_t vocabulary_size() const { return vocabulary_->size(); }
  std::optional<std::string_view> token(int32_t id) const;
  std::optional<int32_t> id(std::string_view token) const;
  bool is_special(int32_t id) const;
  const Decoder& decoder() const { return decoder_; }

 private:
  Tokenizer() = default;
  portable::Result<bool> read_components(const Sections& image, const Settings& settings);
  bool encode_part(const TextPart& part, const EncodeOptions& options, bool at_start, PieceEncoder& encoder,
                   std::vector<int32_t>& ids) const;

  std::unique_ptr<const Vocabulary> vocabulary_;  // where the model finds it
  std::unique_ptr<const Model> model_;
  std::unique_ptr<EncoderPool> encoders_ = std::make_unique<EncoderPool>();  // of the model
  AddedTokens raw_, normalized_;
  std::unique_ptr<const Normalizer> normalizer_;
  std::unique_ptr<const PreTokenizer> pre_tokenizer_;
  Decoder decoder_;
  std::vector<int32_t> before_, after_;  // special ids
};

}  // namespace cortland::text
