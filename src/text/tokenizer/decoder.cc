#include "text/tokenizer/decoder.h"

#include <algorithm>

#include "text/tokenizer/decoder_stages.h"
#include "text/tokenizer/fields.h"
#include "text/utf8_prefix.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
using Kind = DecoderStep::Kind;
namespace {

constexpr size_t kMaxSteps = 64;
constexpr size_t kMaxPattern = 256;  // bytes; how much a stream may hold back
constexpr std::string_view kLowerOneEighthBlock = "\xE2\x96\x81";

class LastStage final : public DecoderStage {
 public:
  explicit LastStage(std::string& out) : out_(out) {}
  void text(std::string_view part) override { out_ += part; }
  void end_token() override {}
  void finish() override {}

 private:
  std::string& out_;
};

std::string character(Fields& fields, std::string_view key, std::optional<std::string_view> otherwise) {
  std::string text = fields.text(key, otherwise);
  if (!fields.failed() && (text.empty() || text.size() != utf8_size(text[0]))) fields.note(key, "want one character");
  return text;
}

std::string pattern(Fields& fields, std::string_view key, std::string text) {
  if (!fields.failed() && (text.empty() || text.size() > kMaxPattern)) {
    fields.note(key, "got " + std::to_string(text.size()) + " bytes, want 1 to " + std::to_string(kMaxPattern));
  }
  return text;
}

DecoderStep metaspace(Fields& fields) {
  DecoderStep step{.kind = Kind::kMetaspace};
  step.content = character(fields, "replacement", kLowerOneEighthBlock);
  const std::string scheme = fields.text("prepend_scheme", "always");
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    fields.note("prepend_scheme", "got \"" + scheme + "\", want \"always\", \"first\" or \"never\"");
  }
  // The older spelling of "never".
  step.keeps_prefix = scheme == "never" || !fields.boolean("add_prefix_space", true);
  return step;
}

Result<DecoderStep> replace(Fields& fields, const JsonValue& json, std::string_view path) {
  DecoderStep step{.kind = Kind::kReplace};
  step.content = fields.text("content");
  const JsonValue* found = fields.find("pattern");
  if (found != nullptr && found->find("Regex") != nullptr) {
    // The normalizer of that name is spelled alike and means the same.
    Result<std::unique_ptr<const Normalizer>> regex = make_normalizer(json, path);
    if (!regex) return Failure{regex.message()};
    step.kind = Kind::kReplaceRegex;
    step.regex = std::move(*regex);
    return step;
  }
  const JsonValue* text = found == nullptr ? nullptr : found->find("String");
  if (text == nullptr || text->text() == nullptr) {
    fields.note("pattern", "want {\"String\": ...} or {\"Regex\": ...}");
    return step;
  }
  step.pattern = pattern(fields, "pattern.String", *text->text());
  return step;
}

class Reader {
 public:
  bool read(const JsonValue& json, std::string_view path) {
    Fields fields(json, path);
    const std::string type = fields.text("type");
    if (fields.failed()) return stop(fields.failure());
    if (type == "Sequence") return read_sequence(fields);
    if (steps_.size() >= kMaxSteps) return stop({std::string(path) + ": more than " + std::to_string(kMaxSteps) + " decoders"});
    Result<DecoderStep> step = read_step(type, fields, json, path);
    if (!step) return stop({step.message()});
    if (fields.failed()) return stop(fields.failure());
    steps_.push_back(std::move(*step));
    return true;
  }
  std::vector<DecoderStep>& steps() { return steps_; }
  const Failure& failure() const { return failure_; }

 private:
  bool stop(Failure failure) {
    failure_ = std::move(failure);
    return false;
  }
  bool read_sequence(Fields& fields) {
    const JsonValue::Array& items = fields.array("decoders");
    if (fields.failed()) return stop(fields.failure());
    for (size_t i = 0; i < items.size(); ++i) {
      if (!read(items[i], fields.path_of("decoders[" + std::to_string(i) + "]"))) return false;
    }
    return true;
  }
  static Result<DecoderStep> read_step(const std::string& type, Fields& fields, const JsonValue& json,
                                       std::string_view path) {
    if (type == "ByteLevel") return DecoderStep{.kind = Kind::kByteLevel};
    if (type == "ByteFallback") return DecoderStep{.kind = Kind::kByteFallback};
    if (type == "Fuse") return DecoderStep{.kind = Kind::kFuse};
    if (type == "Metaspace") return metaspace(fields);
    if (type == "Replace") return replace(fields, json, path);
    DecoderStep step{.kind = Kind::kStrip};
    if (type == "Strip") {
      step.content = character(fields, "content", std::nullopt);
      step.start = static_cast<size_t>(fields.integer("start", 0, INT32_MAX, 0));
      step.stop = static_cast<size_t>(fields.integer("stop", 0, INT32_MAX, 0));
    } else if (type == "BPEDecoder") {
      step.kind = Kind::kBpe;
      step.pattern = pattern(fields, "suffix", fields.text("suffix", "</w>"));
    } else if (type == "WordPiece") {
      step.kind = Kind::kWordPiece;
      step.pattern = fields.text("prefix", "##");
      step.cleans_up = fields.boolean("cleanup", true);
    } else if (type == "CTC") {
      step.kind = Kind::kCtc;
      step.pattern = pattern(fields, "pad_token", fields.text("pad_token", "<pad>"));
      step.content = pattern(fields, "word_delimiter_token", fields.text("word_delimiter_token", "|"));
      step.cleans_up = fields.boolean("cleanup", true);
    } else {
      fields.note("type", "\"" + type + "\" is no decoder that is supported");
    }
    return step;
  }

  std::vector<DecoderStep> steps_;
  Failure failure_;
};

}  // namespace

Result<Decoder> Decoder::make(const JsonValue& json, std::string_view path) {
  Decoder decoder;
  if (json.is_null()) {
    decoder.steps_.push_back({.kind = Kind::kJoin});
    return decoder;
  }
  Reader reader;
  if (!reader.read(json, path)) return reader.failure();
  decoder.steps_ = std::move(reader.steps());
  return decoder;
}

void Decoder::add_clean_up() {
  constexpr std::string_view kRows[][2] = {{" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},   {" ' ", "'"},
                                           {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  steps_.push_back({.kind = Kind::kFuse});
  for (const auto& [from, to] : kRows) {
    steps_.push_back({.kind = Kind::kReplace, .pattern = std::string(from), .content = std::string(to)});
  }
}

Decoder::Run Decoder::start(ByteRuns byte_runs) const {
  Run run;
  run.stages_.push_back(std::make_unique<LastStage>(*run.out_));
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    DecoderStage& next = *run.stages_.back();
    std::unique_ptr<DecoderStage> stage;
    if (step->kind == Kind::kByteLevel) {
      stage = make_byte_level_stage(next);
    } else if (step->kind == Kind::kByteFallback) {
      stage = make_byte_fallback_stage(byte_runs, next);
    } else {
      stage = make_character_stage(*step, next);
      if (stage == nullptr) stage = make_word_stage(*step, next);
    }
    run.stages_.push_back(std::move(stage));
  }
  return run;
}

void Decoder::Run::push(std::string_view token, std::string& out) {
  stages_.back()->text(token);
  stages_.back()->end_token();
  out += *out_;
  out_->clear();
}

void Decoder::Run::finish(std::string& out) {
  stages_.back()->finish();
  out += *out_;
  out_->clear();
}

}  // namespace cortland::text
