#include "text/tokenizer/bpe.h"

#include "text/tokenizer/bpe_encoder.h"
#include "text/utf8.h"
#include "text/utf8_prefix.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

bool contains(const Packed<uint32_t>& rising, uint32_t value) {
  size_t begin = 0, end = rising.size();
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (rising[middle] == value) return true;
    if (rising[middle] < value) begin = middle + 1;
    else end = middle;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<const Bpe>> Bpe::read(const Sections& image, const Settings& settings,
                                             const Vocabulary& vocabulary) {
  std::unique_ptr<Bpe> bpe(new Bpe(vocabulary));
  bpe->settings_ = settings;
  Result<Merges> merges = Merges::read(image, settings);
  if (!merges) return Failure{merges.message()};
  bpe->merges_ = *merges;
  const Result<Packed<int32_t>> bytes = read_packed<int32_t>(image, kByteTokens, bpe->byte_tokens_.size());
  if (!bytes) return Failure{bytes.message()};
  bool good = settings.unknown < static_cast<int64_t>(settings.tokens) && settings.unknown >= kRefuseUnknown;
  for (size_t i = 0; i < bytes->size(); ++i) {
    bpe->byte_tokens_[i] = (*bytes)[i];
    good &= (*bytes)[i] >= -1 && (*bytes)[i] < static_cast<int64_t>(settings.tokens);
  }
  if (!good) return Failure{"tokenizer image: the settings name an id that does not exist"};
  const std::optional<std::span<const std::byte>> affixes = image.find(kAffixes);
  ByteReader reader(affixes.value_or(std::span<const std::byte>()));
  bpe->prefix_ = reader.text();
  bpe->suffix_ = reader.text();
  if (reader.failed() || bpe->prefix_.size() > kMaxAffix || bpe->suffix_.size() > kMaxAffix) {
    return Failure{"tokenizer image: section " + std::to_string(kAffixes) + " is damaged"};
  }
  if (const auto cuts = image.find(kCuts)) bpe->uncut_ = Packed<uint32_t>(*cuts);
  std::string character;
  for (size_t code = 0; code < kDirect; ++code) {
    character.clear();
    append_utf8(static_cast<char32_t>(code), character);
    const auto found = vocabulary.find(character);
    bpe->direct_[code] = found && (found->flags & kInModel) != 0 ? static_cast<int32_t>(found->id) : -1;
  }
  return std::unique_ptr<const Bpe>(std::move(bpe));
}

int32_t Bpe::find_character(std::string_view character) const {
  if (character.size() <= 2) {
    const auto lead = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return direct_[lead & 0x7Fu];
    return direct_[(lead & 0x1Fu) << 6 | (static_cast<unsigned char>(character[1]) & 0x3Fu)];
  }
  const auto found = vocabulary_.find(character);
  return found && (found->flags & kInModel) != 0 ? static_cast<int32_t>(found->id) : -1;
}

bool Bpe::append_bytes(std::string_view text, std::vector<uint32_t>& ids) const {
  if (settings_.byte_fallback == 0) return false;
  const auto token = [&](char c) { return byte_tokens_[static_cast<unsigned char>(c)]; };
  for (const char c : text) {
    if (token(c) < 0) return false;
  }
  for (const char c : text) ids.push_back(static_cast<uint32_t>(token(c)));
  return true;
}

bool Bpe::split(std::string_view piece, std::vector<uint32_t>& ids) const {
  // An unknown token waits for the next known character: bytes in between come first, as in the reference
  // implementation.
  size_t waiting = 0;
  const auto end_unknown = [&] {
    ids.insert(ids.end(), waiting, static_cast<uint32_t>(settings_.unknown));
    waiting = 0;
  };
  std::string affixed;
  for (size_t at = 0; at < piece.size();) {
    const std::string_view character = piece.substr(at, utf8_size(piece[at]));
    const bool is_first = at == 0, is_last = at + character.size() >= piece.size();
    at += character.size();
    std::string_view text = character;
    int32_t id = -1;
    if ((is_first || prefix_.empty()) && (!is_last || suffix_.empty())) {
      id = find_character(character);
    } else {
      affixed = is_first ? "" : prefix_;
      affixed += character;
      if (is_last) affixed += suffix_;
      text = affixed;
      const auto found = vocabulary_.find(affixed);
      if (found && (found->flags & kInModel) != 0) id = static_cast<int32_t>(found->id);
    }
    if (id >= 0) {
      end_unknown();
      ids.push_back(static_cast<uint32_t>(id));
    } else if (!append_bytes(text, ids)) {
      if (settings_.unknown == kRefuseUnknown) return false;
      if (settings_.unknown == kDropUnknown) continue;
      if (settings_.fuse_unknown == 0) end_unknown();
      waiting = 1;
    }
  }
  end_unknown();
  return true;
}

size_t Bpe::first_part(std::string_view piece) const {
  if (!uncut_) return piece.size();
  for (size_t at = 0; (at = piece.find(kLowerOneEighthBlock, at + 1)) != std::string_view::npos;) {
    const std::string_view before = piece.substr(previous_code_point(piece, at), at - previous_code_point(piece, at));
    if (before == kLowerOneEighthBlock || find_character(before) < 0) continue;
    if (!contains(*uncut_, decode_utf8(before, 0).code)) return at;
  }
  return piece.size();
}

std::unique_ptr<PieceEncoder> Bpe::make_encoder() const {
  return std::make_unique<BpeEncoder>(*this);
}

}  // namespace cortland::text
