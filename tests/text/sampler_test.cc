#include "text/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace cortland::text {
namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Logits view(const std::vector<float>& logits) {
  return {.data = logits.data(), .type = LogitType::fp32, .count = static_cast<int64_t>(logits.size())};
}

Sampler make(const SamplingOptions& options, int64_t vocabulary) {
  auto sampler = Sampler::make(options, vocabulary);
  EXPECT_TRUE(sampler) << sampler.message();
  return *sampler;
}

std::vector<int32_t> sample_many(Sampler& sampler, const std::vector<float>& logits, int count) {
  std::vector<int32_t> ids;
  for (int i = 0; i < count; ++i) ids.push_back(*sampler.sample(view(logits)));
  return ids;
}

std::vector<float> ramp(size_t count) {
  std::vector<float> logits(count);
  for (size_t i = 0; i < count; ++i) logits[i] = static_cast<float>(i * 7919 % count) / 50;
  return logits;
}

TEST(Sampler, BadOptionsMakeNoSampler) {
  EXPECT_EQ(Sampler::make({.top_p = 2}, 10).message(), "sampling option top_p: out of range; got 2, want 0 to 1");
}

TEST(Sampler, GreedyTakesTheFirstOfTheHighest) {
  Sampler sampler = make({.temperature = 0}, 300);
  std::vector<float> logits(300, -3);
  EXPECT_EQ(*sampler.sample(view(logits)), 0);
  for (const size_t at : {299u, 130u, 127u, 64u, 63u, 1u}) {
    logits[at] = 5;
    EXPECT_EQ(*sampler.sample(view(logits)), static_cast<int32_t>(at));
  }
}

TEST(Sampler, GreedyAvoidsWhatItHasSaid) {
  Sampler sampler = make({.no_repeat_ngram = 1, .temperature = 0}, 4);
  EXPECT_EQ(sample_many(sampler, {1, 4, 2, 3}, 4), (std::vector<int32_t>{1, 3, 2, 0}));
  const auto none = sampler.sample(view({1, 4, 2, 3}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.message(),
            "logits: no token is left that could come; got -infinity for all 4, want at least one finite number; "
            "hint: no_repeat_ngram and logit_bias ban tokens");
  ASSERT_FALSE(sampler.begin({}));
  EXPECT_EQ(*sampler.sample(view({1, 4, 2, 3})), 1);
}

// From an implementation in another language. A change here is a change of what users see for a seed.
TEST(Sampler, ASeedGivesTheSameTokensEverywhere) {
  Sampler sampler = make({.temperature = 0.8, .top_k = 50, .top_p = 0.95, .min_p = 0.01, .seed = 42}, 500);
  EXPECT_EQ(sample_many(sampler, ramp(500), 8), (std::vector<int32_t>{62, 241, 414, 457, 426, 494, 451, 346}));
  Sampler dense = make({.repetition_penalty = 1.1, .temperature = 1.5, .seed = 7}, 500);
  EXPECT_EQ(sample_many(dense, ramp(500), 8), (std::vector<int32_t>{241, 56, 95, 346, 136, 464, 390, 488}));
}

TEST(Sampler, SeedsDiffer) {
  Sampler one = make({.seed = 1}, 500), again = make({.seed = 1}, 500), two = make({.seed = 2}, 500);
  const std::vector<int32_t> ids = sample_many(one, ramp(500), 20);
  EXPECT_EQ(sample_many(again, ramp(500), 20), ids);
  EXPECT_NE(sample_many(two, ramp(500), 20), ids);
}

TEST(Sampler, HalvesWithAStrideGiveWhatSinglesGive) {
  std::vector<uint16_t> halves(500 * 3, 0x7E00);
  std::vector<float> singles(500);
  for (size_t i = 0; i < 500; ++i) {
    halves[3 * i] = static_cast<uint16_t>(0x3C00 + i * 7919 % 500);
    singles[i] = to_fp32(halves[3 * i]);
  }
  Sampler a = make({.top_p = 0.9}, 500), b = make({.top_p = 0.9}, 500);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(*a.sample({.data = halves.data(), .count = 500, .stride = 3}), *b.sample(view(singles)));
  }
}

TEST(Sampler, AFailureChangesNothing) {
  Sampler sampler = make({.presence_penalty = 100, .temperature = 0}, 3);
  EXPECT_EQ(sampler.sample(view({1, kNaN, 2})).message(),
            "logits: the model gave no number for token 1; got NaN, want a finite number or -infinity");
  EXPECT_TRUE(sampler.top(3).empty());
  EXPECT_FALSE(sampler.find(0));
  EXPECT_EQ(sampler.sample(view({1, 2})).message(), "logits: not one per token of the vocabulary; got 2, want 3");
  EXPECT_FALSE(sampler.sample(view({kBanned, kBanned, kBanned})));
  EXPECT_EQ(sampler.add(3)->message, "sampler: a token id is out of range; got 3, want 0 to 2");
  EXPECT_EQ(*sampler.sample(view({1, 3, 2})), 1);
  EXPECT_EQ(*sampler.sample(view({1, 3, 2})), 2);
}

TEST(Sampler, PenaltiesKnowPromptAndAnswer) {
  Sampler sampler = make({.presence_penalty = 5, .temperature = 0}, 3);
  ASSERT_FALSE(sampler.begin(std::vector<int32_t>{2}));
  EXPECT_EQ(*sampler.sample(view({1, 2, 3})), 2);  // the prompt is no answer
  ASSERT_FALSE(sampler.add(1));
  EXPECT_EQ(*sampler.sample(view({1, 2, 3})), 0);
  ASSERT_FALSE(sampler.begin(std::vector<int32_t>{2}));
  EXPECT_EQ(*sampler.sample(view({1, 2, 3})), 2);
}

TEST(Sampler, TellsWhatItChoseFrom) {
  Sampler sampler = make({.temperature = 0.5, .top_k = 3}, 5);
  EXPECT_TRUE(sampler.candidates().empty());
  ASSERT_TRUE(sampler.sample(view({1, 0, 2, kBanned, 2})));
  const double total = 2 + std::exp(-2);
  const std::vector<TokenProbability> top = sampler.top(9);
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0].id, 2);
  EXPECT_EQ(top[1].id, 4);
  EXPECT_EQ(top[2].id, 0);
  EXPECT_EQ(top[0].score, 4);
  EXPECT_NEAR(top[0].probability, 1 / total, 1e-8);
  EXPECT_NEAR(top[2].log_probability, -2 - std::log(total), 1e-8);
  EXPECT_EQ(sampler.find(4)->id, 4);
  EXPECT_FALSE(sampler.find(1));
  EXPECT_FALSE(sampler.find(-1));
  EXPECT_EQ(sampler.candidates().size(), 3u);
}

TEST(Sampler, GreedyTellsProbabilitiesOfAllTokens) {
  Sampler sampler = make({.temperature = 0, .top_k = 1}, 4);
  ASSERT_TRUE(sampler.sample(view({0, -60, 1, kBanned})));
  ASSERT_EQ(sampler.top(9).size(), 3u);
  EXPECT_NEAR(sampler.find(0)->probability, 1 / (1 + std::exp(1)), 1e-8);
  EXPECT_EQ(sampler.find(1)->probability, 0);
  EXPECT_NEAR(sampler.find(1)->log_probability, -61 - std::log(1 + std::exp(-1)), 1e-6);
}

}  // namespace
}  // namespace cortland::text
