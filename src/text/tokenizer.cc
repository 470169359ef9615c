#include "text/tokenizer.h"

#include <algorithm>

#include "text/tokenizer/bpe.h"
#include "text/tokenizer/json_bytes.h"
#include "text/tokenizer/unigram.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr size_t kMaxText = size_t{1} << 30;
constexpr size_t kMaxRemembered = size_t{1} << 20;

Result<std::vector<int32_t>> read_ids(ByteReader& reader, const Settings& settings) {
  std::vector<int32_t> ids;
  for (auto count = reader.number<uint32_t>(); count > 0 && !reader.failed(); --count) {
    ids.push_back(reader.number<int32_t>());
    const bool is_token = static_cast<uint32_t>(ids.back()) < settings.tokens;
    if (!is_token) return Failure{"tokenizer image: a special id has no token"};
  }
  if (reader.failed()) return Failure{"tokenizer image: section " + std::to_string(kSpecials) + " is damaged"};
  return ids;
}

template <typename Kind>
Result<std::unique_ptr<const Model>> read_model(const Sections& image, const Settings& settings,
                                                const Vocabulary& vocabulary) {
  Result<std::unique_ptr<const Kind>> model = Kind::read(image, settings, vocabulary);
  if (!model) return Failure{model.message()};
  return std::unique_ptr<const Model>(std::move(*model));
}

}  // namespace

Result<Tokenizer> Tokenizer::load(std::span<const std::byte> bytes) {
  const Result<Sections> image = Sections::read(kImageFormat, bytes);
  if (!image) return Failure{image.message()};
  const Result<Packed<Settings>> packed = read_packed<Settings>(*image, kSettings, 1);
  if (!packed) return Failure{packed.message()};
  const Settings settings = (*packed)[0];
  if (settings.tokens > kMaxId + 1) {
    return Failure{"tokenizer image: got " + std::to_string(settings.tokens) + " tokens, want at most " +
                   std::to_string(kMaxId + 1)};
  }
  Tokenizer tokenizer;
  Result<Vocabulary> vocabulary = Vocabulary::read(*image, settings);
  if (!vocabulary) return Failure{vocabulary.message()};
  tokenizer.vocabulary_ = std::make_unique<const Vocabulary>(*vocabulary);
  if (settings.model != ModelKind::kBpe && settings.model != ModelKind::kUnigram) {
    return Failure{"tokenizer image: model " + std::to_string(static_cast<uint32_t>(settings.model)) + " is not known"};
  }
  Result<std::unique_ptr<const Model>> model = settings.model == ModelKind::kBpe
                                                   ? read_model<Bpe>(*image, settings, *tokenizer.vocabulary_)
                                                   : read_model<Unigram>(*image, settings, *tokenizer.vocabulary_);
  if (!model) return Failure{model.message()};
  tokenizer.model_ = std::move(*model);
  const Result<bool> good = tokenizer.read_components(*image, settings);
  if (!good) return Failure{good.message()};
  return tokenizer;
}

Result<bool> Tokenizer::read_components(const Sections& image, const Settings& settings) {
  Result<AddedTokens> raw = AddedTokens::read(image, settings, AddedTokens::Round::kRaw);
  if (!raw) return Failure{raw.message()};
  raw_ = std::move(*raw);
  Result<AddedTokens> normalized = AddedTokens::read(image, settings, AddedTokens::Round::kNormalized);
  if (!normalized) return Failure{normalized.message()};
  normalized_ = std::move(*normalized);

  ByteReader specials(image.find(kSpecials).value_or(std::span<const std::byte>()));
  for (std::vector<int32_t>* ids : {&before_, &after_}) {
    Result<std::vector<int32_t>> read = read_ids(specials, settings);
    if (!read) return Failure{read.message()};
    *ids = std::move(*read);
  }

  ByteReader components(image.find(kComponents).value_or(std::span<const std::byte>()));
  const Result<JsonValue> normalizer_json = decode_json(components);
  const Result<JsonValue> pre_tokenizer_json = decode_json(components);
  const Result<JsonValue> decoder_json = decode_json(components);
  for (const Result<JsonValue>* json : {&normalizer_json, &pre_tokenizer_json, &decoder_json}) {
    if (!*json) return Failure{json->message()};
  }
  auto normalizer = make_normalizer(*normalizer_json, "tokenizer image: normalizer");
  if (!normalizer) return Failure{normalizer.message()};
  normalizer_ = std::move(*normalizer);
  auto pre_tokenizer = make_pre_tokenizer(*pre_tokenizer_json, "tokenizer image: pre_tokenizer");
  if (!pre_tokenizer) return Failure{pre_tokenizer.message()};
  pre_tokenizer_ = std::move(*pre_tokenizer);
  auto decoder = Decoder::make(*decoder_json, "tokenizer image: decoder");
  if (!decoder) return Failure{decoder.message()};
  decoder_ = std::move(*decoder);
  if (settings.clean_up != 0) decoder_.add_clean_up();
  return true;
}

bool Tokenizer::encode_part(const TextPart& part, const EncodeOptions& options, bool at_start, PieceEncoder& encoder,
                            std::vector<int32_t>& ids) const {
  std::string text(part.text);
  if (normalizer_ != nullptr) normalizer_->normalize(text);
  for (const TextPart& inner : normalized_.split(text, options.special_text)) {
    if (inner.id != TextPart::kNoToken) {
      ids.push_back(inner.id);
      continue;
    }
    Pieces pieces = whole_piece(std::string(inner.text), at_start && inner.text.data() == text.data());
    if (pre_tokenizer_ != nullptr) pre_tokenizer_->split(pieces);
    for (const Pieces::Range& range : pieces.ranges) {
      const std::string_view piece = std::string_view(pieces.text).substr(range.begin, range.end - range.begin);
      if (!encoder.encode(piece, ids)) return false;
    }
  }
  return true;
}

Result<std::vector<int32_t>> Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  if (text.size() > kMaxText) {
    return Failure{"text: got " + std::to_string(text.size()) + " bytes, want at most " + std::to_string(kMaxText)};
  }
  if (!is_valid_utf8(text)) return Failure{"text: want well-formed UTF-8"};
  std::vector<int32_t> ids;
  if (options.add_special_tokens) ids = before_;
  std::unique_ptr<PieceEncoder> encoder = encoders_->take(*model_);
  for (const TextPart& part : raw_.split(text, options.special_text)) {
    if (part.id != TextPart::kNoToken) {
      ids.push_back(part.id);
    } else if (!encode_part(part, options, part.text.data() == text.data(), *encoder, ids)) {
      return Failure{"text: a character is not in the vocabulary, and the tokenizer has no token for unknown ones"};
    }
  }
  // What has seen a very long piece is large.
  if (text.size() <= kMaxRemembered) encoders_->give_back(std::move(encoder));
  if (options.add_special_tokens) ids.insert(ids.end(), after_.begin(), after_.end());
  return ids;
}

std::vector<std::string_view> Tokenizer::special_parts(std::string_view text) const {
  std::vector<std::string_view> found;
  for (const TextPart& part : raw_.split(text, SpecialText::kRecognized)) {
    bool special = is_special(part.id);
    if (part.id == TextPart::kNoToken) {
      std::string normalized(part.text);
      if (normalizer_ != nullptr) normalizer_->normalize(normalized);
      const std::vector<TextPart> inner = normalized_.split(normalized, SpecialText::kRecognized);
      special = std::any_of(inner.begin(), inner.end(), [&](const TextPart& token) { return is_special(token.id); });
    }
    if (special) found.push_back(part.text);
  }
  return found;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, const DecodeOptions& options) const {
  Decoder::Run run = decoder_.start(ByteRuns::kWhole);
  std::string text;
  for (const int32_t id : ids) {
    const std::optional<std::string_view> token = this->token(id);
    if (token && !(options.skip_special_tokens && is_special(id))) run.push(*token, text);
  }
  run.finish(text);
  return text;
}

std::optional<std::string_view> Tokenizer::token(int32_t id) const {
  const auto index = static_cast<uint32_t>(id);
  if (index >= vocabulary_->size() || vocabulary_->flags(index) == 0) return std::nullopt;
  return vocabulary_->text(index);
}

std::optional<int32_t> Tokenizer::id(std::string_view token) const {
  const auto found = vocabulary_->find(token);
  return found ? std::optional(static_cast<int32_t>(found->id)) : std::nullopt;
}

bool Tokenizer::is_special(int32_t id) const {
  const auto index = static_cast<uint32_t>(id);
  return index < vocabulary_->size() && (vocabulary_->flags(index) & kIsSpecial) != 0;
}

}  // namespace cortland::text
