#include "text/generation_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortland::text {
namespace {

using testing::ElementsAre;

TEST(GenerationSettings, ComeBack) {
  GenerationDefaults direct, reasoning;
  direct.sampling = {.repetition_penalty = 1.1, .frequency_penalty = 0.1, .presence_penalty = 0.2, .no_repeat_ngram = 3,
                     .temperature = 0, .top_k = 50, .top_p = 0.9, .min_p = 0.05};
  direct.eos = {2, 361};
  direct.max_new_tokens = 128;
  reasoning = direct;
  reasoning.sampling.temperature = 0.6;
  reasoning.sampling.top_k = 0;
  const TextFile file{.generation = write_generation_settings(direct, reasoning)};
  EXPECT_EQ(file.generation.size(), 8u + 2u + 2u);
  for (const AnswerMode mode : {AnswerMode::direct, AnswerMode::reasoning}) {
    const GenerationDefaults& want = mode == AnswerMode::direct ? direct : reasoning;
    const auto got = read_generation_settings(file, mode);
    ASSERT_TRUE(got) << got.message();
    EXPECT_EQ(got->sampling.repetition_penalty, want.sampling.repetition_penalty);
    EXPECT_EQ(got->sampling.frequency_penalty, want.sampling.frequency_penalty);
    EXPECT_EQ(got->sampling.presence_penalty, want.sampling.presence_penalty);
    EXPECT_EQ(got->sampling.no_repeat_ngram, want.sampling.no_repeat_ngram);
    EXPECT_EQ(got->sampling.temperature, want.sampling.temperature);
    EXPECT_EQ(got->sampling.top_k, want.sampling.top_k);
    EXPECT_EQ(got->sampling.top_p, want.sampling.top_p);
    EXPECT_EQ(got->sampling.min_p, want.sampling.min_p);
    EXPECT_EQ(got->source, GenerationDefaults::Source::file);
    EXPECT_THAT(got->eos, ElementsAre(2, 361));
    EXPECT_EQ(got->max_new_tokens, 128);
  }
}

TEST(GenerationSettings, WithoutThemSamplingIsGreedyAndSpecialTokensEndAnAnswer) {
  const TextFile file{.special_tokens = {{"bos", 1, ""}, {"eos", 9, ""}, {"eos", 2, ""}, {"eos", 9, ""}}};
  const auto got = read_generation_settings(file, AnswerMode::reasoning);
  ASSERT_TRUE(got) << got.message();
  EXPECT_EQ(got->sampling.temperature, 0);
  EXPECT_EQ(got->source, GenerationDefaults::Source::none);
  EXPECT_THAT(got->eos, ElementsAre(2, 9));
  EXPECT_EQ(got->max_new_tokens, std::nullopt);
}

TEST(GenerationSettings, RefuseWhatIsOutOfRange) {
  const TextFile::Setting bad[] = {{"top_k", {1e300}},
                                   {"top_k", {-1}},
                                   {"top_k", {0.5}},
                                   {"top_k", {}},
                                   {"top_p", {1, 1}},
                                   {"top_p", {2}},
                                   {"max_new_tokens", {-1}},
                                   {"max_new_tokens", {1, 2}},
                                   {"eos_token_id", {2147483648.0}},
                                   {"eos_token_id", {-1}},
                                   {"reasoning.min_p", {3}}};
  for (const TextFile::Setting& setting : bad) {
    const auto got = read_generation_settings({.generation = {setting}}, AnswerMode::reasoning);
    ASSERT_FALSE(got) << setting.key;
    EXPECT_THAT(got.message(), testing::StartsWith("text file: "));
  }
  EXPECT_EQ(read_generation_settings({.generation = {{"top_k", {0.5}}}}, AnswerMode::direct).message(),
            "text file: the generation default top_k is out of range or of the wrong kind");
  EXPECT_TRUE(read_generation_settings({.generation = {{"reasoning.min_p", {3}}}}, AnswerMode::direct));
}

}  // namespace
}  // namespace cortland::text
