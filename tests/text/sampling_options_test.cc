#include "text/sampler/options.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace cortland::text {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string problem_of(const SamplingOptions& options, int64_t vocabulary = 10) {
  const auto failure = check_options(options, vocabulary);
  return failure ? failure->message : "";
}

TEST(SamplingOptions, TheDefaultsAreGood) { EXPECT_EQ(problem_of({}), ""); }

TEST(SamplingOptions, TheEndsOfEachRangeAreGood) {
  EXPECT_EQ(problem_of({.temperature = 0, .top_p = 0, .min_p = 0}), "");
  EXPECT_EQ(problem_of({.temperature = 3e38, .top_p = 1, .min_p = 1}), "");
  EXPECT_EQ(problem_of({.repetition_penalty = 1.2e-38, .frequency_penalty = -3e38, .presence_penalty = 3e38}), "");
  EXPECT_EQ(problem_of({.logit_bias = {{0, -kInfinity}, {9, 100}}}), "");
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(problem_of({.no_repeat_ngram = kHuge, .top_k = kHuge}, kMaxVocabulary), "");
}

TEST(SamplingOptions, EachBadValueIsNamed) {
  const std::pair<SamplingOptions, const char*> cases[] = {
      {{.temperature = -0.5}, "temperature: out of range; got -0.5, want 0 (greedy) or a float above 0"},
      {{.temperature = kNaN}, "temperature: out of range; got nan, want 0 (greedy) or a float above 0"},
      {{.temperature = kInfinity}, "temperature: out of range; got inf, want 0 (greedy) or a float above 0"},
      {{.temperature = 1e-39}, "temperature: out of range; got 1e-39, want 0 (greedy) or a float above 0"},
      {{.top_k = -1}, "top_k: out of range; got -1, want 0 (off) or more"},
      {{.top_p = 1.01}, "top_p: out of range; got 1.01, want 0 to 1"},
      {{.top_p = -0.1}, "top_p: out of range; got -0.1, want 0 to 1"},
      {{.top_p = kNaN}, "top_p: out of range; got nan, want 0 to 1"},
      {{.min_p = 2}, "min_p: out of range; got 2, want 0 to 1"},
      {{.min_p = -1e-9}, "min_p: out of range; got -1e-09, want 0 to 1"},
      {{.repetition_penalty = 0}, "repetition_penalty: out of range; got 0, want a float above 0"},
      {{.repetition_penalty = kInfinity}, "repetition_penalty: out of range; got inf, want a float above 0"},
      {{.frequency_penalty = 1e39}, "frequency_penalty: out of range; got 1e+39, want a finite float"},
      {{.presence_penalty = kNaN}, "presence_penalty: out of range; got nan, want a finite float"},
      {{.no_repeat_ngram = -2}, "no_repeat_ngram: out of range; got -2, want 0 (off) or more"},
      {{.logit_bias = {{10, 1}}}, "logit_bias: a token id is out of range; got 10, want 0 to 9"},
      {{.logit_bias = {{-1, 1}}}, "logit_bias: a token id is out of range; got -1, want 0 to 9"},
      {{.logit_bias = {{1, 1}, {2, 1}, {1, 2}}}, "logit_bias: a token is named twice; got 1 again, want each id once"},
      {{.logit_bias = {{3, kInfinity}}},
       "logit_bias: the bias of token 3 is no float; got inf, want a finite number or -infinity"},
      {{.logit_bias = {{3, kNaN}}},
       "logit_bias: the bias of token 3 is no float; got nan, want a finite number or -infinity"},
      {{.logit_bias = {{3, -1e39}}},
       "logit_bias: the bias of token 3 is no float; got -1e+39, want a finite number or -infinity"},
  };
  for (const auto& [options, want] : cases) EXPECT_EQ(problem_of(options), std::string("sampling option ") + want);
}

TEST(SamplingOptions, TheVocabularyHasALimit) {
  EXPECT_EQ(problem_of({}, 0), "sampler: the size of the vocabulary is out of range; got 0, want 1 to 1048576");
  EXPECT_NE(problem_of({}, kMaxVocabulary + 1), "");
  EXPECT_EQ(problem_of({}, kMaxVocabulary), "");
}

}  // namespace
}  // namespace cortland::text
