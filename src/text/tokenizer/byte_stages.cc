// Decoders from tokens that stand for bytes: the byte alphabet of GPT-2, and `<0x41>` of SentencePiece.
#include <optional>

#include "text/tokenizer/byte_alphabet.h"
#include "text/tokenizer/decoder_stages.h"
#include "text/utf8.h"
#include "text/utf8_prefix.h"

namespace cortland::text {
namespace {

// All tokens become one. A token that holds any character outside the alphabet means its own UTF-8.
class ByteLevelStage final : public PassingStage {
 public:
  using PassingStage::PassingStage;

  void text(std::string_view part) override {
    if (is_plain_) {
      bytes_ += part;
      pass_characters();
      return;
    }
    token_ += part;
    for (size_t at = 0; at < part.size();) {
      const Decoded decoded = decode_utf8(part, at);
      at += decoded.length;
      const std::optional<uint8_t> byte = byte_of_character(decoded.code);
      if (!byte) {
        is_plain_ = true;
        bytes_ += token_;
        pass_characters();
        return;
      }
      mapped_ += static_cast<char>(*byte);
    }
  }
  void end_token() override {
    if (!is_plain_) bytes_ += mapped_;
    is_plain_ = false;
    token_.clear();
    mapped_.clear();
    pass_characters();
  }
  void finish() override {
    if (!bytes_.empty()) next_.text(kReplacementText);
    bytes_.clear();
    next_.end_token();
    next_.finish();
  }

 private:
  void pass_characters() {
    characters_.clear();
    take_characters(bytes_, characters_);
    if (!characters_.empty()) next_.text(characters_);
  }

  std::string token_, mapped_;  // of the token that has not ended
  bool is_plain_ = false;
  std::string bytes_;  // not yet a character
  std::string characters_;
};

std::optional<uint8_t> byte_of_token(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
  std::string_view digits = token.substr(3, 2);
  if (digits[0] == '+') digits.remove_prefix(1);  // the number parser of the reference implementation takes a sign
  unsigned value = 0;
  for (const char c : digits) {
    const bool lower = c >= 'a' && c <= 'f', upper = c >= 'A' && c <= 'F', digit = c >= '0' && c <= '9';
    if (!lower && !upper && !digit) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10);
  }
  return static_cast<uint8_t>(value);
}

// A run of byte tokens becomes one token when it is text, else one U+FFFD for each byte.
class ByteFallbackStage final : public PassingStage {
 public:
  ByteFallbackStage(ByteRuns byte_runs, DecoderStage& next)
      : PassingStage(next), is_eager_(byte_runs == ByteRuns::kEager) {}

  void text(std::string_view part) override {
    if (!is_long_) {
      token_ += part;
      is_long_ = token_.size() > kByteTokenSize;
      if (!is_long_) return;
      end_run();
      next_.text(token_);
    } else {
      next_.text(part);
    }
  }
  void end_token() override {
    const std::optional<uint8_t> byte = is_long_ ? std::nullopt : byte_of_token(token_);
    if (byte) {
      take_byte(static_cast<char>(*byte));
    } else {
      if (!is_long_) {
        end_run();
        next_.text(token_);
      }
      next_.end_token();
    }
    token_.clear();
    is_long_ = false;
  }
  void finish() override {
    end_run();
    next_.finish();
  }

 private:
  static constexpr size_t kByteTokenSize = 6;

  void take_byte(char byte) {
    run_ += byte;
    if (!is_eager_ || is_spoiled_) return;
    const Utf8Prefix prefix = utf8_prefix(run_, 0);
    if (prefix.kind == Utf8Prefix::Kind::kCharacter) {
      next_.text(run_);
      run_.clear();
      is_shown_ = true;
    }
    is_spoiled_ = prefix.kind == Utf8Prefix::Kind::kInvalid;
  }
  void end_run() {
    if (!run_.empty() && !is_eager_ && is_valid_utf8(run_)) {
      next_.text(run_);
      run_.clear();
      is_shown_ = true;
    }
    if (is_shown_) next_.end_token();
    for (size_t i = 0; i < run_.size(); ++i) pass_token(kReplacementText);
    run_.clear();
    is_shown_ = is_spoiled_ = false;
  }

  const bool is_eager_;
  std::string token_;        // of the token that has not ended, as long as it may stand for a byte
  bool is_long_ = false;     // it does not
  std::string run_;          // bytes not passed on
  bool is_shown_ = false;    // characters of the run were passed on, as a token that has not ended
  bool is_spoiled_ = false;  // a character of the run went wrong: no more is shown before it ends
};

}  // namespace

std::unique_ptr<DecoderStage> make_byte_level_stage(DecoderStage& next) {
  return std::make_unique<ByteLevelStage>(next);
}
std::unique_ptr<DecoderStage> make_byte_fallback_stage(ByteRuns byte_runs, DecoderStage& next) {
  return std::make_unique<ByteFallbackStage>(byte_runs, next);
}

}  // namespace cortland::text
