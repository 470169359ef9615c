#include "text/generation_defaults.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr int64_t kTransformersTopK = 50;

// What the model cards advise for text. A range ("below 0.6") is greedy here, as in the card's example.
struct Published {
  std::string_view model_type;
  AnswerMode mode;
  double temperature, top_p;
};
constexpr std::array kPublished = {
    Published{"exaone4", AnswerMode::direct, 0, 1},
    Published{"exaone4", AnswerMode::reasoning, 0.6, 0.95},
    Published{"exaone4_5", AnswerMode::direct, 1, 0.95},
    Published{"exaone4_5", AnswerMode::reasoning, 1, 0.95},
};

// Reads members and remembers the first problem.
class ConfigReader {
 public:
  explicit ConfigReader(const JsonValue& root) : root_(root) {}

  // nullptr when it is missing or null.
  const JsonValue* member(std::string_view key) const {
    const JsonValue* value = root_.find(key);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  // Null counts.
  bool has(std::string_view key) const { return root_.find(key) != nullptr; }
  double number(std::string_view key, double otherwise) {
    const JsonValue* value = member(key);
    if (value == nullptr) return otherwise;
    if (!value->number()) note(key, "is of the wrong kind; got " + kind_of(*value) + ", want a number");
    return value->number().value_or(otherwise);
  }
  int64_t integer(std::string_view key, int64_t otherwise) {
    const JsonValue* value = member(key);
    if (value == nullptr) return otherwise;
    if (value->integer() == nullptr) note(key, "is of the wrong kind; got " + kind_of(*value) + ", want an integer");
    return value->integer() == nullptr ? otherwise : *value->integer();
  }
  bool boolean(std::string_view key, bool otherwise) {
    const JsonValue* value = member(key);
    if (value == nullptr) return otherwise;
    if (value->boolean() == nullptr) note(key, "is of the wrong kind; got " + kind_of(*value) + ", want true or false");
    return value->boolean() == nullptr ? otherwise : *value->boolean();
  }
  std::vector<int64_t> integers(std::string_view key) {
    const JsonValue* value = member(key);
    std::vector<int64_t> result;
    if (value == nullptr) return result;
    const JsonValue::Array alone = {*value};
    for (const JsonValue& item : value->array() == nullptr ? alone : *value->array()) {
      if (item.integer() == nullptr) note(key, "is of the wrong kind; got " + kind_of(item) + ", want integers");
      result.push_back(item.integer() == nullptr ? 0 : *item.integer());
    }
    return result;
  }
  void note(std::string_view key, const std::string& what) {
    if (problem_.empty()) problem_ = "generation_config.json: " + std::string(key) + " " + what;
  }
  const std::string& problem() const { return problem_; }

 private:
  static std::string kind_of(const JsonValue& value) {
    if (value.text() != nullptr) return "a string";
    if (value.array() != nullptr) return "a list";
    if (value.object() != nullptr) return "an object";
    if (value.boolean() != nullptr) return "true or false";
    return value.is_null() ? "null" : "a number";
  }

  const JsonValue& root_;
  std::string problem_ = "";
};

bool says_how_to_sample(const ConfigReader& reader) {
  const std::string_view keys[] = {"do_sample", "temperature", "top_k", "top_p", "min_p"};
  return std::any_of(std::begin(keys), std::end(keys), [&](auto key) { return reader.member(key) != nullptr; });
}

void read_sampling(ConfigReader& reader, SamplingOptions& sampling) {
  const double temperature = reader.number("temperature", 1);
  const int64_t top_k = reader.integer("top_k", reader.has("top_k") ? 0 : kTransformersTopK);
  const double top_p = reader.number("top_p", 1);
  const double min_p = reader.number("min_p", 0);
  if (!reader.boolean("do_sample", false)) {
    sampling.temperature = 0;
    return;
  }
  sampling.temperature = temperature;
  sampling.top_k = top_k;
  sampling.top_p = top_p;
  sampling.min_p = min_p;
}

void read_penalties(ConfigReader& reader, SamplingOptions& sampling) {
  sampling.repetition_penalty = reader.number("repetition_penalty", sampling.repetition_penalty);
  sampling.frequency_penalty = reader.number("frequency_penalty", sampling.frequency_penalty);
  sampling.presence_penalty = reader.number("presence_penalty", sampling.presence_penalty);
  sampling.no_repeat_ngram = reader.integer("no_repeat_ngram_size", sampling.no_repeat_ngram);
}

void read_eos(ConfigReader& reader, const GenerationContext& context, std::vector<int32_t>& eos) {
  if (reader.member("eos_token_id") == nullptr) eos = context.config_eos;
  for (const int64_t id : reader.integers("eos_token_id")) {
    if (id < 0 || id >= context.vocabulary) {
      reader.note("eos_token_id", "is out of range; got " + std::to_string(id) + ", want 0 to " +
                                      std::to_string(context.vocabulary - 1));
      return;
    }
    eos.push_back(static_cast<int32_t>(id));
  }
  std::sort(eos.begin(), eos.end());
  eos.erase(std::unique(eos.begin(), eos.end()), eos.end());
}

}  // namespace

Result<GenerationDefaults> read_generation_defaults(const JsonValue& config, const GenerationContext& context) {
  if (!config.is_null() && config.object() == nullptr) {
    return Failure{"generation_config.json: is of the wrong kind; got no object, want an object"};
  }
  using Source = GenerationDefaults::Source;
  GenerationDefaults defaults;
  SamplingOptions& sampling = defaults.sampling;
  sampling.temperature = 0;
  ConfigReader reader(config);
  if (says_how_to_sample(reader)) {
    defaults.source = Source::file;
    read_sampling(reader, sampling);
  } else {
    for (const Published& row : kPublished) {
      if (row.model_type != context.model_type || row.mode != context.mode) continue;
      defaults.source = Source::published;
      sampling.temperature = row.temperature;
      sampling.top_p = row.top_p;
    }
  }
  read_penalties(reader, sampling);
  read_eos(reader, context, defaults.eos);
  if (reader.member("max_new_tokens") != nullptr) {
    defaults.max_new_tokens = reader.integer("max_new_tokens", 1);
    if (*defaults.max_new_tokens < 1) {
      reader.note("max_new_tokens",
                  "is out of range; got " + std::to_string(*defaults.max_new_tokens) + ", want 1 or more");
    }
  }
  if (!reader.problem().empty()) return Failure{reader.problem()};
  if (auto failure = check_options(sampling, context.vocabulary)) {
    return Failure{"generation_config.json: " + failure->message};
  }
  return defaults;
}

}  // namespace cortland::text
