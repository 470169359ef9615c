#include "pipeline/text_settings.h"

#include <array>
#include <string>

#include "base/error.h"

namespace cortland {
namespace {

constexpr std::string_view kReasoning = "reasoning.";

// A number of SamplingOptions, by its key.
struct Field {
  std::string_view key;
  double (*get)(const text::SamplingOptions& options);
  void (*set)(text::SamplingOptions& options, double value);
};

constexpr std::array kFields = {
    Field{"frequency_penalty", [](const auto& o) { return o.frequency_penalty; }, [](auto& o, double v) { o.frequency_penalty = v; }},
    Field{"min_p", [](const auto& o) { return o.min_p; }, [](auto& o, double v) { o.min_p = v; }},
    Field{"no_repeat_ngram_size", [](const auto& o) { return static_cast<double>(o.no_repeat_ngram); },
          [](auto& o, double v) { o.no_repeat_ngram = static_cast<int64_t>(v); }},
    Field{"presence_penalty", [](const auto& o) { return o.presence_penalty; }, [](auto& o, double v) { o.presence_penalty = v; }},
    Field{"repetition_penalty", [](const auto& o) { return o.repetition_penalty; },
          [](auto& o, double v) { o.repetition_penalty = v; }},
    Field{"temperature", [](const auto& o) { return o.temperature; }, [](auto& o, double v) { o.temperature = v; }},
    Field{"top_k", [](const auto& o) { return static_cast<double>(o.top_k); },
          [](auto& o, double v) { o.top_k = static_cast<int64_t>(v); }},
    Field{"top_p", [](const auto& o) { return o.top_p; }, [](auto& o, double v) { o.top_p = v; }},
};

text::GenerationDefaults read_defaults(const portable::JsonValue& config, const ModelSpec& spec, text::AnswerMode mode) {
  text::GenerationContext context = {.model_type = spec.model_type, .mode = mode, .vocabulary = spec.vocabulary};
  for (const int64_t id : spec.eos) context.config_eos.push_back(static_cast<int32_t>(id));
  const auto defaults = text::read_generation_defaults(config, context);
  if (!defaults) fail(ErrorCode::unsupported, "{}", defaults.message());
  return *defaults;
}

}  // namespace

std::vector<text::TextFile::Setting> generation_settings(std::string_view config, const ModelSpec& spec) {
  portable::JsonValue json;
  if (!config.empty()) {
    const auto parsed = portable::parse_json(config);
    if (!parsed) fail(ErrorCode::unsupported, "generation_config.json: {}", parsed.message());
    json = *parsed;
  }
  const text::GenerationDefaults direct = read_defaults(json, spec, text::AnswerMode::direct);
  const text::GenerationDefaults reasoning = read_defaults(json, spec, text::AnswerMode::reasoning);
  std::vector<text::TextFile::Setting> settings;
  for (const Field& field : kFields) {
    const double value = field.get(direct.sampling), other = field.get(reasoning.sampling);
    settings.push_back({std::string(field.key), {value}});
    if (other != value) settings.push_back({std::string(kReasoning) + std::string(field.key), {other}});
  }
  settings.push_back({"eos_token_id", {direct.eos.begin(), direct.eos.end()}});
  if (direct.max_new_tokens) settings.push_back({"max_new_tokens", {static_cast<double>(*direct.max_new_tokens)}});
  return settings;
}

text::SamplingOptions sampling_of(const text::TextFile& file, text::AnswerMode mode) {
  text::SamplingOptions options;
  for (const Field& field : kFields) {
    const text::TextFile::Setting* setting = file.find_setting(field.key);
    const std::string other = std::string(kReasoning) + std::string(field.key);
    if (mode == text::AnswerMode::reasoning && file.find_setting(other) != nullptr) setting = file.find_setting(other);
    if (setting != nullptr && setting->values.size() == 1) field.set(options, setting->values.front());
  }
  return options;
}

}  // namespace cortland
