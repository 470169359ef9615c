#include "text/generation_settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

constexpr std::string_view kReasoning = "reasoning.";
constexpr double kMaxInteger = 0x1p53;  // to here a double holds every integer

// A member of SamplingOptions, by its key: one of the two pointers.
struct Field {
  std::string_view key;
  double SamplingOptions::* number = nullptr;
  int64_t SamplingOptions::* integer = nullptr;

  double get(const SamplingOptions& options) const {
    return number != nullptr ? options.*number : static_cast<double>(options.*integer);
  }
};

constexpr std::array kFields = {
    Field{.key = "frequency_penalty", .number = &SamplingOptions::frequency_penalty},
    Field{.key = "min_p", .number = &SamplingOptions::min_p},
    Field{.key = "no_repeat_ngram_size", .integer = &SamplingOptions::no_repeat_ngram},
    Field{.key = "presence_penalty", .number = &SamplingOptions::presence_penalty},
    Field{.key = "repetition_penalty", .number = &SamplingOptions::repetition_penalty},
    Field{.key = "temperature", .number = &SamplingOptions::temperature},
    Field{.key = "top_k", .integer = &SamplingOptions::top_k},
    Field{.key = "top_p", .number = &SamplingOptions::top_p},
};

bool is_integer(double value, double most) { return value >= 0 && value <= most && std::floor(value) == value; }

Failure failure_of(const TextFile::Setting& setting) {
  return Failure{"text file: the generation default " + setting.key + " is out of range or of the wrong kind"};
}

const TextFile::Setting* find(const TextFile& file, std::string_view key, AnswerMode mode) {
  const TextFile::Setting* special =
      mode == AnswerMode::reasoning ? file.find_setting(std::string(kReasoning) + std::string(key)) : nullptr;
  return special != nullptr ? special : file.find_setting(key);
}

}  // namespace

std::vector<TextFile::Setting> write_generation_settings(const GenerationDefaults& direct,
                                                         const GenerationDefaults& reasoning) {
  std::vector<TextFile::Setting> settings;
  for (const Field& field : kFields) {
    const double value = field.get(direct.sampling), other = field.get(reasoning.sampling);
    settings.push_back({std::string(field.key), {value}});
    if (other != value) settings.push_back({std::string(kReasoning) + std::string(field.key), {other}});
  }
  settings.push_back({"eos_token_id", {direct.eos.begin(), direct.eos.end()}});
  if (direct.max_new_tokens) settings.push_back({"max_new_tokens", {static_cast<double>(*direct.max_new_tokens)}});
  return settings;
}

Result<GenerationDefaults> read_generation_settings(const TextFile& file, AnswerMode mode) {
  GenerationDefaults defaults;
  defaults.sampling.temperature = 0;
  for (const Field& field : kFields) {
    const TextFile::Setting* setting = find(file, field.key, mode);
    if (setting == nullptr) continue;
    const double value = setting->values.size() == 1 ? setting->values[0] : std::numeric_limits<double>::quiet_NaN();
    if (field.number != nullptr) {
      defaults.sampling.*field.number = value;
    } else if (is_integer(value, kMaxInteger)) {
      defaults.sampling.*field.integer = static_cast<int64_t>(value);
    } else {
      return failure_of(*setting);
    }
    if (field.key == "temperature") defaults.source = GenerationDefaults::Source::file;
  }
  if (const auto failure = check_options(defaults.sampling, kMaxVocabulary)) {
    return Failure{"text file: generation defaults: " + failure->message};
  }
  if (const TextFile::Setting* limit = file.find_setting("max_new_tokens")) {
    if (limit->values.size() != 1 || !is_integer(limit->values[0], kMaxInteger)) return failure_of(*limit);
    defaults.max_new_tokens = static_cast<int64_t>(limit->values[0]);
  }
  if (const TextFile::Setting* eos = file.find_setting("eos_token_id")) {
    for (const double id : eos->values) {
      if (!is_integer(id, std::numeric_limits<int32_t>::max())) return failure_of(*eos);
      defaults.eos.push_back(static_cast<int32_t>(id));
    }
  } else {
    for (const TextFile::SpecialToken& token : file.special_tokens) {
      if (token.role == "eos") defaults.eos.push_back(token.id);
    }
  }
  std::sort(defaults.eos.begin(), defaults.eos.end());
  defaults.eos.erase(std::unique(defaults.eos.begin(), defaults.eos.end()), defaults.eos.end());
  return defaults;
}

}  // namespace cortland::text
