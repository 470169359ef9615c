// The stages that decoder steps become, and what they share.
#pragma once

#include <string>
#include <string_view>

#include "text/tokenizer/decoder.h"

namespace cortland::text {

// Passes everything on; stages override what they change.
class PassingStage : public DecoderStage {
 public:
  explicit PassingStage(DecoderStage& next) : next_(next) {}
  void text(std::string_view part) override { next_.text(part); }
  void end_token() override { next_.end_token(); }
  void finish() override { next_.finish(); }

 protected:
  void pass_token(std::string_view token) {
    next_.text(token);
    next_.end_token();
  }
  DecoderStage& next_;
};

// Collects each token to see it as a whole.
class WholeTokenStage : public PassingStage {
 public:
  using PassingStage::PassingStage;
  void text(std::string_view part) final { token_ += part; }
  void end_token() final {
    take_token(token_);
    token_.clear();
  }

 protected:
  // May change the token.
  virtual void take_token(std::string& token) = 0;

 private:
  std::string token_;
};

// Every occurrence, from the left. REQUIRES: `pattern` is not empty.
void replace_all(std::string& text, std::string_view pattern, std::string_view content);

std::unique_ptr<DecoderStage> make_byte_level_stage(DecoderStage& next);
std::unique_ptr<DecoderStage> make_byte_fallback_stage(ByteRuns byte_runs, DecoderStage& next);
// Kinds that change characters within tokens.
std::unique_ptr<DecoderStage> make_character_stage(const DecoderStep& step, DecoderStage& next);
// Kinds that know where words end. REQUIRES: the step is of such a kind.
std::unique_ptr<DecoderStage> make_word_stage(const DecoderStep& step, DecoderStage& next);

}  // namespace cortland::text
