#include "text/generation_defaults.h"

#include <gtest/gtest.h>

namespace cortland::text {
namespace {

using Source = GenerationDefaults::Source;

portable::Result<GenerationDefaults> read(const std::string& json, const GenerationContext& context = {}) {
  const auto parsed = portable::parse_json(json);
  EXPECT_TRUE(parsed) << parsed.message();
  return read_generation_defaults(*parsed, context);
}

GenerationDefaults good(const std::string& json, const GenerationContext& context = {}) {
  const auto defaults = read(json, context);
  EXPECT_TRUE(defaults) << defaults.message();
  return defaults ? *defaults : GenerationDefaults();
}

TEST(GenerationDefaults, ReadsEveryKey) {
  const GenerationDefaults defaults = good(R"({
      "do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.9, "min_p": 0.1, "repetition_penalty": 1.05,
      "frequency_penalty": 0.25, "presence_penalty": 1.5, "no_repeat_ngram_size": 3,
      "eos_token_id": [9, 7, 9], "max_new_tokens": 2048, "transformers_version": "4.57.6", "bos_token_id": 1})");
  EXPECT_EQ(defaults.source, Source::file);
  EXPECT_EQ(defaults.sampling.temperature, 0.6);
  EXPECT_EQ(defaults.sampling.top_k, 20);
  EXPECT_EQ(defaults.sampling.top_p, 0.9);
  EXPECT_EQ(defaults.sampling.min_p, 0.1);
  EXPECT_EQ(defaults.sampling.repetition_penalty, 1.05);
  EXPECT_EQ(defaults.sampling.frequency_penalty, 0.25);
  EXPECT_EQ(defaults.sampling.presence_penalty, 1.5);
  EXPECT_EQ(defaults.sampling.no_repeat_ngram, 3);
  EXPECT_EQ(defaults.eos, (std::vector<int32_t>{7, 9}));
  EXPECT_EQ(defaults.max_new_tokens, 2048);
}

TEST(GenerationDefaults, MissingKeysAreThoseOfTransformers) {
  const GenerationDefaults defaults = good(R"({"do_sample": true})");
  EXPECT_EQ(defaults.source, Source::file);
  EXPECT_EQ(defaults.sampling.temperature, 1);
  EXPECT_EQ(defaults.sampling.top_k, 50);
  EXPECT_EQ(defaults.sampling.top_p, 1);
  EXPECT_EQ(defaults.sampling.min_p, 0);
  EXPECT_EQ(defaults.sampling.repetition_penalty, 1);
  EXPECT_EQ(defaults.max_new_tokens, std::nullopt);
  EXPECT_EQ(good(R"({"do_sample": true, "top_k": null})").sampling.top_k, 0);
  EXPECT_EQ(good(R"({"do_sample": true, "top_k": 0})").sampling.top_k, 0);
  EXPECT_EQ(good(R"({"do_sample": true, "temperature": null, "top_p": null})").sampling.temperature, 1);
}

TEST(GenerationDefaults, WithoutDoSampleItIsGreedy) {
  for (const char* json : {R"({"temperature": 0.6, "top_p": 0.9})", R"({"do_sample": false, "temperature": 0.6})",
                           R"({"do_sample": null, "top_k": 5})"}) {
    const GenerationDefaults defaults = good(json, {.model_type = "exaone4", .mode = AnswerMode::reasoning});
    EXPECT_EQ(defaults.source, Source::file) << json;
    EXPECT_EQ(defaults.sampling.temperature, 0) << json;
    EXPECT_EQ(defaults.sampling.top_k, 0) << json;
    EXPECT_EQ(defaults.sampling.top_p, 1) << json;
  }
}

TEST(GenerationDefaults, AFileThatIsSilentLeavesItToWhatIsPublished) {
  const std::string silent = R"({"_from_model_config": true, "bos_token_id": 1, "eos_token_id": 361})";
  const GenerationDefaults direct = good(silent, {.model_type = "exaone4"});
  EXPECT_EQ(direct.source, Source::published);
  EXPECT_EQ(direct.sampling.temperature, 0);
  EXPECT_EQ(direct.eos, std::vector<int32_t>{361});
  const GenerationDefaults reasoning = good(silent, {.model_type = "exaone4", .mode = AnswerMode::reasoning});
  EXPECT_EQ(reasoning.source, Source::published);
  EXPECT_EQ(reasoning.sampling.temperature, 0.6);
  EXPECT_EQ(reasoning.sampling.top_p, 0.95);
  EXPECT_EQ(reasoning.sampling.top_k, 0);
  const GenerationDefaults newer = good("null", {.model_type = "exaone4_5", .config_eos = {53}});
  EXPECT_EQ(newer.sampling.temperature, 1);
  EXPECT_EQ(newer.sampling.top_p, 0.95);
  EXPECT_EQ(newer.eos, std::vector<int32_t>{53});
  const GenerationDefaults penalized =
      good(R"({"presence_penalty": 1.5})", {.model_type = "exaone4", .mode = AnswerMode::reasoning});
  EXPECT_EQ(penalized.sampling.temperature, 0.6);
  EXPECT_EQ(penalized.sampling.presence_penalty, 1.5);
}

TEST(GenerationDefaults, ElseItIsGreedy) {
  const GenerationDefaults defaults = good("{}", {.model_type = "llama", .mode = AnswerMode::reasoning});
  EXPECT_EQ(defaults.source, Source::none);
  EXPECT_EQ(defaults.sampling.temperature, 0);
  EXPECT_TRUE(defaults.eos.empty());
}

TEST(GenerationDefaults, EosOfTheFileCountsMoreThanThatOfTheConfig) {
  const GenerationContext context = {.config_eos = {2, 1}};
  EXPECT_EQ(good(R"({"eos_token_id": 5})", context).eos, std::vector<int32_t>{5});
  EXPECT_EQ(good(R"({"eos_token_id": null})", context).eos, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(good("{}", context).eos, (std::vector<int32_t>{1, 2}));
}

TEST(GenerationDefaults, BadValuesAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"[1]", "is of the wrong kind; got no object, want an object"},
      {R"({"do_sample": "yes"})", "do_sample is of the wrong kind; got a string, want true or false"},
      {R"({"do_sample": true, "temperature": "hot"})", "temperature is of the wrong kind; got a string, want a number"},
      {R"({"do_sample": false, "top_k": 1.5})", "top_k is of the wrong kind; got a number, want an integer"},
      {R"({"top_p": [1]})", "top_p is of the wrong kind; got a list, want a number"},
      {R"({"no_repeat_ngram_size": {}})", "no_repeat_ngram_size is of the wrong kind; got an object, want an integer"},
      {R"({"repetition_penalty": true})", "repetition_penalty is of the wrong kind; got true or false, want a number"},
      {R"({"eos_token_id": "</s>"})", "eos_token_id is of the wrong kind; got a string, want integers"},
      {R"({"eos_token_id": [1, null]})", "eos_token_id is of the wrong kind; got null, want integers"},
      {R"({"eos_token_id": 100})", "eos_token_id is out of range; got 100, want 0 to 99"},
      {R"({"eos_token_id": [3, -1]})", "eos_token_id is out of range; got -1, want 0 to 99"},
      {R"({"max_new_tokens": 0})", "max_new_tokens is out of range; got 0, want 1 or more"},
      {R"({"do_sample": true, "temperature": -1})",
       "sampling option temperature: out of range; got -1, want 0 (greedy) or a float above 0"},
      {R"({"do_sample": true, "top_k": -1})", "sampling option top_k: out of range; got -1, want 0 (off) or more"},
  };
  for (const auto& [json, want] : cases) {
    const auto defaults = read(json, {.vocabulary = 100});
    ASSERT_FALSE(defaults) << json;
    EXPECT_EQ(defaults.message(), std::string("generation_config.json: ") + want);
  }
}

}  // namespace
}  // namespace cortland::text
