#include "text/tokenizer/decoder.h"

#include <array>

#include "text/tokenizer/component.h"
#include "text/tokenizer/decoder_stages.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
using Kind = DecoderStep::Kind;
namespace {

constexpr size_t kMaxSteps = 64;
constexpr size_t kMaxPattern = 256;  // bytes; how much a stream may hold back
constexpr char32_t kMetaspaceCharacter = 0x2581;
constexpr std::array<std::string_view, 3> kSchemes = {"always", "first", "never"};

class LastStage final : public DecoderStage {
 public:
  explicit LastStage(std::string& out) : out_(out) {}
  void text(std::string_view part) override { out_ += part; }
  void end_token() override {}
  void finish() override {}

 private:
  std::string& out_;
};

std::string read_character(Component& component, std::string_view key, std::optional<char32_t> fallback) {
  std::string text;
  append_utf8(component.code_point(key, fallback), text);
  return text;
}

std::string pattern(Component& component, std::string_view key, std::string text) {
  if (!component.failed() && (text.empty() || text.size() > kMaxPattern)) {
    component.note(key, "got " + std::to_string(text.size()) + " bytes, want 1 to " + std::to_string(kMaxPattern));
  }
  return text;
}

DecoderStep metaspace(Component& component) {
  DecoderStep step{.kind = Kind::kMetaspace};
  step.content = read_character(component, "replacement", kMetaspaceCharacter);
  const size_t scheme = component.choice("prepend_scheme", kSchemes, 0);
  // The older spelling of "never".
  step.keeps_prefix = kSchemes[scheme] == "never" || !component.flag("add_prefix_space", true);
  return step;
}

Result<DecoderStep> replace(Component& component, const JsonValue& json, std::string_view path) {
  DecoderStep step{.kind = Kind::kReplace};
  step.content = component.text("content");
  const JsonValue* found = component.present("pattern");
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
    component.note("pattern", "want {\"String\": ...} or {\"Regex\": ...}");
    return step;
  }
  step.pattern = pattern(component, "pattern.String", *text->text());
  return step;
}

class Reader {
 public:
  bool read(const JsonValue& json, std::string_view path) {
    Component component(json, path);
    const std::string type = component.text("type");
    if (component.failed()) return stop(component.failure());
    if (type == "Sequence") return read_sequence(component);
    if (steps_.size() >= kMaxSteps) {
      return stop({std::string(path) + ": more than " + std::to_string(kMaxSteps) + " decoders"});
    }
    Result<DecoderStep> step = read_step(type, component, json, path);
    if (!step) return stop({step.message()});
    if (component.failed()) return stop(component.failure());
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
  bool read_sequence(Component& component) {
    const JsonValue::Array& items = component.list("decoders");
    if (component.failed()) return stop(component.failure());
    for (size_t i = 0; i < items.size(); ++i) {
      if (!read(items[i], component.path_of("decoders[" + std::to_string(i) + "]"))) return false;
    }
    return true;
  }
  static Result<DecoderStep> read_step(const std::string& type, Component& component, const JsonValue& json,
                                       std::string_view path) {
    if (type == "ByteLevel") return DecoderStep{.kind = Kind::kByteLevel};
    if (type == "ByteFallback") return DecoderStep{.kind = Kind::kByteFallback};
    if (type == "Fuse") return DecoderStep{.kind = Kind::kFuse};
    if (type == "Metaspace") return metaspace(component);
    if (type == "Replace") return replace(component, json, path);
    DecoderStep step{.kind = Kind::kStrip};
    if (type == "Strip") {
      step.content = read_character(component, "content", std::nullopt);
      step.start = static_cast<size_t>(component.integer("start", 0, 0));
      step.stop = static_cast<size_t>(component.integer("stop", 0, 0));
    } else if (type == "BPEDecoder") {
      step.kind = Kind::kBpe;
      step.pattern = pattern(component, "suffix", component.text("suffix", "</w>"));
    } else if (type == "WordPiece") {
      step.kind = Kind::kWordPiece;
      step.pattern = component.text("prefix", "##");
      step.cleans_up = component.flag("cleanup", true);
    } else if (type == "CTC") {
      step.kind = Kind::kCtc;
      step.pattern = pattern(component, "pad_token", component.text("pad_token", "<pad>"));
      step.content = pattern(component, "word_delimiter_token", component.text("word_delimiter_token", "|"));
      step.cleans_up = component.flag("cleanup", true);
    } else {
      component.note("type", "\"" + type + "\" is no decoder that is supported");
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
  constexpr std::string_view kRows[][2] = {{" .", "."},     {" ?", "?"},     {" !", "!"},   {" ,", ","},
                                           {" ' ", "'"},    {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"},
                                           {" 've", "'ve"}, {" 're", "'re"}};
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
