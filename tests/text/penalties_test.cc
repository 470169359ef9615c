#include "text/sampler/penalties.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "text/sampler/random.h"

namespace cortland::text {
namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

History make_history(const std::vector<int32_t>& prompt, const std::vector<int32_t>& answer) {
  History history(8);
  EXPECT_FALSE(history.begin(prompt));
  for (const int32_t id : answer) EXPECT_FALSE(history.add(id));
  return history;
}

std::vector<float> penalized(const SamplingOptions& options, const History& history, std::vector<float> scores) {
  apply_penalties(options, history, scores);
  return scores;
}

TEST(Penalties, RepetitionTakesPromptAndAnswerOnce) {
  const History history = make_history({0, 1, 1}, {1, 2, 5});
  EXPECT_EQ(penalized({.repetition_penalty = 2}, history, {4, -4, 0, 4, -4, kBanned, 1, 1}),
            (std::vector<float>{2, -8, 0, 4, -4, kBanned, 1, 1}));
}

TEST(Penalties, FrequencyAndPresenceTakeTheAnswerOnly) {
  const History history = make_history({0, 1, 1}, {1, 2, 2, 2});
  const std::vector<float> scores(8, 1);
  EXPECT_EQ(penalized({.frequency_penalty = 0.5}, history, scores), (std::vector<float>{1, 0.5, -0.5, 1, 1, 1, 1, 1}));
  EXPECT_EQ(penalized({.presence_penalty = 0.5}, history, scores), (std::vector<float>{1, 0.5, 0.5, 1, 1, 1, 1, 1}));
  EXPECT_EQ(penalized({.presence_penalty = -2}, history, scores), (std::vector<float>{1, 3, 3, 1, 1, 1, 1, 1}));
}

TEST(Penalties, StepsFollowTheirOrder) {
  const History history = make_history({}, {3, 3});
  // (2 + 1) / 2 - 2 * 0.5 - 0.25
  const SamplingOptions options = {
      .logit_bias = {{3, 1}}, .repetition_penalty = 2, .frequency_penalty = 0.5, .presence_penalty = 0.25};
  EXPECT_EQ(penalized(options, history, std::vector<float>(8, 2))[3], 0.25f);
}

TEST(Penalties, ABiasMayBan) {
  const History history = make_history({}, {1});
  const SamplingOptions options = {.logit_bias = {{1, -std::numeric_limits<double>::infinity()}, {2, 5}, {3, 1}},
                                   .presence_penalty = -9};
  EXPECT_EQ(penalized(options, history, {0, 0, 0, kBanned, 0, 0, 0, 0}),
            (std::vector<float>{0, kBanned, 5, kBanned, 0, 0, 0, 0}));
}

TEST(Penalties, WhatIsFiniteStaysFinite) {
  const History history = make_history({0, 1}, {0, 1});
  EXPECT_EQ(penalized({.repetition_penalty = 1e-38}, history, {1000, -1000, 0, 0, 0, 0, 0, 0})[0], kLargest);
  EXPECT_EQ(penalized({.repetition_penalty = 3e38}, history, {1000, -1000, 0, 0, 0, 0, 0, 0})[1], -kLargest);
  EXPECT_EQ(penalized({.presence_penalty = 3e38}, history, {-kLargest, 0, 0, 0, 0, 0, 0, 0})[0], -kLargest);
  EXPECT_EQ(penalized({.frequency_penalty = -3e38}, history, {kLargest, 0, 0, 0, 0, 0, 0, 0})[0], kLargest);
}

TEST(Penalties, NGramsMayNotRepeat) {
  const History history = make_history({1, 2, 3, 1, 2}, {4, 1, 2});
  const std::vector<float> got = penalized({.no_repeat_ngram = 3}, history, std::vector<float>(8, 0));
  EXPECT_EQ(got, (std::vector<float>{0, 0, 0, kBanned, kBanned, 0, 0, 0}));
}

// As defined: every n-gram of the ids whose first n - 1 are the last n - 1 of all.
std::vector<int32_t> plain_endings(const std::vector<int32_t>& ids, size_t n) {
  std::vector<int32_t> endings;
  for (size_t i = 0; i + n <= ids.size(); ++i) {
    const auto begin = ids.begin() + static_cast<ptrdiff_t>(i);
    if (std::equal(begin, begin + static_cast<ptrdiff_t>(n) - 1, ids.end() - static_cast<ptrdiff_t>(n) + 1)) {
      endings.push_back(ids[i + n - 1]);
    }
  }
  return endings;
}

TEST(Penalties, RepeatedEndingsAreThoseOfTheDefinition) {
  Random random(3);
  size_t found = 0;
  for (int i = 0; i < 5000; ++i) {
    std::vector<int32_t> ids(random.below(40));
    const uint64_t letters = 1 + random.below(3);
    for (int32_t& id : ids) id = static_cast<int32_t>(random.below(letters));
    const size_t n = 1 + random.below(8);
    const std::vector<int32_t> got = repeated_endings(ids, static_cast<int64_t>(n));
    ASSERT_EQ(got, plain_endings(ids, n)) << "case " << i;
    found += got.size();
  }
  EXPECT_GT(found, 10000u);
  EXPECT_TRUE(repeated_endings({1, 2, 3}, 0).empty());
  EXPECT_TRUE(repeated_endings({}, 1).empty());
  EXPECT_TRUE(repeated_endings({1, 1}, std::numeric_limits<int64_t>::max()).empty());
}

TEST(Penalties, AMonotonousHistoryTakesLinearTime) {
  const std::vector<int32_t> ids(400000, 7);
  EXPECT_EQ(repeated_endings(ids, 200000).size(), 200001u);  // compared one by one this is 4e10 steps
}

TEST(Penalties, HistoryCountsAndForgets) {
  History history = make_history({5, 6, 5}, {6, 7});
  EXPECT_EQ(history.ids(), (std::vector<int32_t>{5, 6, 5, 6, 7}));
  ASSERT_EQ(history.seen().size(), 3u);
  EXPECT_EQ(history.seen()[0].generated, 0u);
  EXPECT_EQ(history.seen()[1].generated, 1u);
  EXPECT_EQ(history.seen()[2].id, 7);
  EXPECT_EQ(history.add(8)->message, "sampler: a token id is out of range; got 8, want 0 to 7");
  EXPECT_EQ(history.begin(std::vector<int32_t>{1, -1})->message,
            "sampler: a token id is out of range; got -1, want 0 to 7");
  EXPECT_EQ(history.ids().size(), 5u);
  ASSERT_FALSE(history.begin(std::vector<int32_t>{6}));
  ASSERT_EQ(history.seen().size(), 1u);
  EXPECT_EQ(history.seen()[0].id, 6);
  EXPECT_EQ(history.seen()[0].generated, 0u);
}

}  // namespace
}  // namespace cortland::text
