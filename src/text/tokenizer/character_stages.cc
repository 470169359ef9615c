// Decoders that change characters within tokens: Fuse, Metaspace, Replace, Strip.
#include <algorithm>

#include "text/tokenizer/decoder_stages.h"
#include "text/utf8_prefix.h"

namespace cortland::text {
namespace {

class FuseStage final : public PassingStage {
 public:
  using PassingStage::PassingStage;
  void end_token() override {}
  void finish() override {
    next_.end_token();
    next_.finish();
  }
};

class MetaspaceStage final : public PassingStage {
 public:
  MetaspaceStage(const DecoderStep& step, DecoderStage& next)
      : PassingStage(next), character_(step.content), drops_(!step.keeps_prefix) {}
  void text(std::string_view part) override {
    std::string replaced(part);
    replace_all(replaced, character_, drops_ ? "" : " ");
    next_.text(replaced);
  }
  void end_token() override {
    drops_ = false;
    next_.end_token();
  }

 private:
  const std::string character_;
  bool drops_;  // in the first token
};

class ReplaceStage final : public PassingStage {
 public:
  ReplaceStage(const DecoderStep& step, DecoderStage& next)
      : PassingStage(next), pattern_(step.pattern), content_(step.content) {}
  void text(std::string_view part) override {
    held_ += part;
    size_t at = 0;
    std::string out;
    for (size_t found = 0; (found = held_.find(pattern_, at)) != std::string::npos; at = found + pattern_.size()) {
      out.append(held_, at, found - at);
      out += content_;
    }
    const size_t keep = start_of_match(std::string_view(held_).substr(at));
    out.append(held_, at, held_.size() - keep - at);
    held_.erase(0, held_.size() - keep);
    if (!out.empty()) next_.text(out);
  }
  void end_token() override {
    if (!held_.empty()) next_.text(held_);
    held_.clear();
    next_.end_token();
  }

 private:
  // The size of the longest end of `text` with which an occurrence could begin.
  size_t start_of_match(std::string_view text) const {
    for (size_t size = std::min(text.size(), pattern_.size() - 1); size > 0; --size) {
      if (text.ends_with(std::string_view(pattern_).substr(0, size))) return size;
    }
    return 0;
  }

  const std::string pattern_, content_;
  std::string held_;
};

class ReplaceRegexStage final : public WholeTokenStage {
 public:
  ReplaceRegexStage(const DecoderStep& step, DecoderStage& next) : WholeTokenStage(next), regex_(step.regex) {}

 private:
  void take_token(std::string& token) override {
    regex_->normalize(token);
    pass_token(token);
  }
  const std::shared_ptr<const Normalizer> regex_;
};

class StripStage final : public PassingStage {
 public:
  StripStage(const DecoderStep& step, DecoderStage& next)
      : PassingStage(next), character_(step.content), start_(step.start), stop_(step.stop), left_(step.start) {}
  void text(std::string_view part) override {
    std::string out;
    for (size_t at = 0; at < part.size();) {
      const std::string_view character = part.substr(at, utf8_size(part[at]));
      at += character.size();
      if (character != character_) {
        left_ = 0;
        pass_held(out);
        out += character;
      } else if (left_ > 0) {
        --left_;
      } else if (stop_ > 0) {
        ++held_;
      } else {
        out += character;
      }
    }
    if (!out.empty()) next_.text(out);
  }
  void end_token() override {
    held_ -= std::min(held_, stop_);
    std::string out;
    pass_held(out);
    if (!out.empty()) next_.text(out);
    left_ = start_;
    next_.end_token();
  }

 private:
  void pass_held(std::string& out) {
    for (; held_ > 0; --held_) out += character_;
  }

  const std::string character_;
  const size_t start_, stop_;
  size_t left_;      // how many more may be dropped at the start
  size_t held_ = 0;  // of the character, at the end so far
};

}  // namespace

void replace_all(std::string& text, std::string_view pattern, std::string_view content) {
  size_t found = text.find(pattern);
  if (found == std::string::npos) return;
  std::string out;
  size_t at = 0;
  for (; found != std::string::npos; found = text.find(pattern, at)) {
    out.append(text, at, found - at);
    out += content;
    at = found + pattern.size();
  }
  out.append(text, at);
  text = std::move(out);
}

std::unique_ptr<DecoderStage> make_character_stage(const DecoderStep& step, DecoderStage& next) {
  switch (step.kind) {
    case DecoderStep::Kind::kFuse: return std::make_unique<FuseStage>(next);
    case DecoderStep::Kind::kMetaspace: return std::make_unique<MetaspaceStage>(step, next);
    case DecoderStep::Kind::kReplace: return std::make_unique<ReplaceStage>(step, next);
    case DecoderStep::Kind::kReplaceRegex: return std::make_unique<ReplaceRegexStage>(step, next);
    case DecoderStep::Kind::kStrip: return std::make_unique<StripStage>(step, next);
    default: return nullptr;
  }
}

}  // namespace cortland::text
