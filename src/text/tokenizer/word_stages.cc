// Decoders that know where words end: BPEDecoder, WordPiece, CTC, and the spaces between tokens without a decoder.
#include <optional>

#include "text/tokenizer/decoder_stages.h"

namespace cortland::text {
namespace {

void clean_up(std::string& text) {
  constexpr std::string_view kContractions[][2] = {{" .", "."},     {" ?", "?"},     {" !", "!"},     {" ,", ","},
                                           {" ' ", "'"},    {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
                                           {" 's", "'s"},   {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [from, to] : kContractions) replace_all(text, from, to);
}

// The suffix marks the end of a word: a space, but in the last token.
class BpeStage final : public WholeTokenStage {
 public:
  BpeStage(const DecoderStep& step, DecoderStage& next) : WholeTokenStage(next), suffix_(step.pattern) {}
  void finish() override {
    pass_held("");
    next_.finish();
  }

 private:
  void take_token(std::string& token) override {
    pass_held(" ");
    if (token.find(suffix_) == std::string::npos) return pass_token(token);
    held_ = std::move(token);
    token.clear();
  }
  void pass_held(std::string_view end) {
    if (!held_) return;
    replace_all(*held_, suffix_, end);
    pass_token(*held_);
    held_.reset();
  }

  const std::string suffix_;
  std::optional<std::string> held_;
};

// A token without the prefix begins a word.
class WordPieceStage final : public WholeTokenStage {
 public:
  WordPieceStage(const DecoderStep& step, DecoderStage& next)
      : WholeTokenStage(next), prefix_(step.pattern), cleans_up_(step.cleans_up) {}

 private:
  void take_token(std::string& token) override {
    if (!is_first_ && token.starts_with(prefix_)) {
      token.erase(0, prefix_.size());
    } else if (!is_first_) {
      token.insert(0, 1, ' ');
    }
    is_first_ = false;
    if (cleans_up_) clean_up(token);
    pass_token(token);
  }

  const std::string prefix_;
  const bool cleans_up_;
  bool is_first_ = true;
};

class CtcStage final : public WholeTokenStage {
 public:
  CtcStage(const DecoderStep& step, DecoderStage& next)
      : WholeTokenStage(next), padding_(step.pattern), delimiter_(step.content), cleans_up_(step.cleans_up) {}

 private:
  void take_token(std::string& token) override {
    if (last_ && *last_ == token) return;
    last_ = token;
    replace_all(token, padding_, "");
    if (cleans_up_) {
      clean_up(token);
      replace_all(token, delimiter_, " ");
    }
    if (!token.empty()) pass_token(token);
  }

  const std::string padding_, delimiter_;
  const bool cleans_up_;
  std::optional<std::string> last_;
};

class JoinStage final : public PassingStage {
 public:
  using PassingStage::PassingStage;
  void text(std::string_view part) override {
    begin_token();
    next_.text(part);
  }
  void end_token() override {
    begin_token();
    is_open_ = false;
    next_.end_token();
  }

 private:
  void begin_token() {
    if (!is_open_ && !is_first_) next_.text(" ");
    is_open_ = true;
    is_first_ = false;
  }
  bool is_open_ = false, is_first_ = true;
};

}  // namespace

std::unique_ptr<DecoderStage> make_word_stage(const DecoderStep& step, DecoderStage& next) {
  switch (step.kind) {
    case DecoderStep::Kind::kBpe: return std::make_unique<BpeStage>(step, next);
    case DecoderStep::Kind::kWordPiece: return std::make_unique<WordPieceStage>(step, next);
    case DecoderStep::Kind::kCtc: return std::make_unique<CtcStage>(step, next);
    case DecoderStep::Kind::kJoin: return std::make_unique<JoinStage>(next);
    default: return nullptr;
  }
}

}  // namespace cortland::text
