// Samples come as often as their probabilities say: Pearson's chi-square test, with fixed seeds.
#include <gtest/gtest.h>

#include <cmath>

#include "text/sampler.h"

namespace cortland::text {
namespace {

constexpr int kDraws = 10000;

// (chi-square - degrees of freedom) / its standard deviation: mean 0, standard deviation 1 if all is well.
double deviation(const SamplingOptions& options, const std::vector<float>& logits) {
  auto sampler = Sampler::make(options, static_cast<int64_t>(logits.size()));
  EXPECT_TRUE(sampler);
  std::vector<int> counts(logits.size());
  const Logits view = {.data = logits.data(), .type = LogitType::fp32, .count = static_cast<int64_t>(logits.size())};
  for (int i = 0; i < kDraws; ++i) ++counts[static_cast<size_t>(*sampler->sample(view))];
  double chi_square = 0, classes = 0, rest_expected = 0;
  int rest_drawn = 0, drawn = 0;
  const auto add = [&](double expected, int count) {
    chi_square += (count - expected) * (count - expected) / expected;
    ++classes;
  };
  for (const TokenProbability& token : sampler->candidates()) {
    const double expected = token.probability * kDraws;
    const int count = counts[static_cast<size_t>(token.id)];
    drawn += count;
    if (expected >= 10) {
      add(expected, count);
    } else {
      rest_expected += expected;
      rest_drawn += count;
    }
  }
  EXPECT_EQ(drawn, kDraws) << "nothing else was drawn";
  if (rest_expected >= 10) add(rest_expected, rest_drawn);
  EXPECT_GT(classes, 3);
  return (chi_square - (classes - 1)) / std::sqrt(2 * (classes - 1));
}

std::vector<float> make_logits() {
  std::vector<float> logits(150);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i * 37 % 150) / 30;
  return logits;
}

TEST(SamplerStatistics, DrawsFollowTheProbabilities) {
  const SamplingOptions cases[] = {
      {},
      {.temperature = 0.5},
      {.temperature = 3},
      {.top_k = 20},
      {.top_p = 0.8},
      {.min_p = 0.2},
      {.temperature = 1.3, .top_k = 60, .top_p = 0.9, .min_p = 0.05},
  };
  double squares = 0;
  int runs = 0;
  for (SamplingOptions options : cases) {
    for (options.seed = 0; options.seed < 3; ++options.seed, ++runs) {
      const double result = deviation(options, make_logits());
      EXPECT_LT(std::abs(result), 4) << "case " << runs / 3 << ", seed " << options.seed;
      squares += result * result;
    }
  }
  // Not too good, either: the deviations of honest draws are about 1.
  EXPECT_GT(squares / runs, 0.4);
  EXPECT_LT(squares / runs, 2);
}

}  // namespace
}  // namespace cortland::text
