// Whatever options, histories and logits are handed in, what comes out is consistent.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "text/sampler.h"

namespace cortland::text {
namespace {

double any_of(Random& random, std::initializer_list<double> values) {
  return *(values.begin() + static_cast<ptrdiff_t>(random.below(values.size())));
}

SamplingOptions extreme_options(Random& random, int64_t vocabulary) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  SamplingOptions options;
  options.repetition_penalty = any_of(random, {1, 1, 1.3, 0.5, 1e-37, 3e38});
  options.frequency_penalty = any_of(random, {0, 0, 0.5, -0.5, 3e38, -3e38});
  options.presence_penalty = any_of(random, {0, 0, 1.5, -2, 3e38, -3e38});
  options.no_repeat_ngram = static_cast<int64_t>(any_of(random, {0, 0, 1, 2, 3, 20, 1e15}));
  options.temperature = any_of(random, {0, 0.6, 1, 1.2e-38, 1e-6, 1e6, 3e38});
  options.top_k = static_cast<int64_t>(any_of(random, {0, 0, 1, 5, 64, 1e15}));
  options.top_p = any_of(random, {1, 1, 0, 1e-300, 0.5, 0.95, 1 - 1e-16});
  options.min_p = any_of(random, {0, 0, 1e-300, 1e-12, 0.1, 1});
  options.seed = random.next();
  for (int32_t id = 0; id < vocabulary && random.below(3) == 0; ++id) {
    options.logit_bias.push_back({id, any_of(random, {-kInfinity, -3e38, -1, 1, 3e38})});
  }
  return options;
}

// Any bits at all, or the same number often.
std::vector<uint16_t> extreme_logits(Random& random, size_t count) {
  std::vector<uint16_t> logits(count);
  const uint64_t kind = random.below(4);
  for (uint16_t& logit : logits) {
    logit = static_cast<uint16_t>(kind == 0 ? 0x3C00 : kind == 1 ? 0x4000 + random.below(4) : random.next());
    const bool is_number = (logit & 0x7C00) != 0x7C00;
    if (!is_number && kind != 3) logit = 0xFC00;
  }
  return logits;
}

void check_candidates(const std::vector<TokenProbability>& candidates) {
  double sum = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    ASSERT_TRUE(std::isfinite(candidates[i].score));
    ASSERT_TRUE(std::isfinite(candidates[i].log_probability) && candidates[i].log_probability <= 1e-12);
    ASSERT_TRUE(i == 0 || candidates[i - 1].id < candidates[i].id);
    sum += candidates[i].probability;
  }
  ASSERT_NEAR(sum, 1, 1e-9);
}

TEST(SamplerProperties, EveryAnswerIsATokenThatCouldCome) {
  Random random(23);
  int answers = 0, failures = 0;
  for (int i = 0; i < 1500; ++i) {
    const int64_t vocabulary = 1 + static_cast<int64_t>(random.below(300));
    const SamplingOptions options = extreme_options(random, vocabulary);
    auto sampler = Sampler::make(options, vocabulary);
    ASSERT_TRUE(sampler) << sampler.message();
    std::vector<int32_t> prompt(random.below(30));
    for (int32_t& id : prompt) id = static_cast<int32_t>(random.below(static_cast<uint64_t>(vocabulary)));
    ASSERT_FALSE(sampler->begin(prompt));
    for (int step = 0; step < 10; ++step) {
      const std::vector<uint16_t> logits = extreme_logits(random, static_cast<size_t>(vocabulary));
      const auto id = sampler->sample({.data = logits.data(), .count = vocabulary});
      if (!id) {
        ++failures;
        ASSERT_TRUE(id.message().starts_with("logits: ")) << id.message();
        ASSERT_TRUE(sampler->candidates().empty());
        continue;
      }
      ++answers;
      const auto chosen = sampler->find(*id);
      ASSERT_TRUE(chosen);
      ASSERT_GT(chosen->probability, 0);
      const std::vector<TokenProbability> candidates = sampler->candidates();
      check_candidates(candidates);
      const std::vector<TokenProbability> top = sampler->top(3);
      ASSERT_EQ(top.size(), std::min<size_t>(3, candidates.size()));
      if (options.temperature == 0) {
        ASSERT_EQ(*id, top.front().id);
      }
    }
  }
  EXPECT_GT(answers, 5000);
  EXPECT_GT(failures, 500);
}

}  // namespace
}  // namespace cortland::text
