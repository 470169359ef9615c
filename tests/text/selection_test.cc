// Against a plain implementation that sorts everything and computes in long double.
#include "text/sampler/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "text/sampler/random.h"

namespace cortland::text {
namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();

struct Expected {
  std::vector<int32_t> ids;      // ascending
  long double closest_call = 1;  // how far from a threshold the nearest decision was, in probability
};

Expected expect_from(const SamplingOptions& options, const std::vector<float>& scores) {
  std::vector<int32_t> order;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] != kBanned) order.push_back(static_cast<int32_t>(i));
  }
  const auto score = [&](int32_t id) { return scores[static_cast<size_t>(id)]; };
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return score(a) > score(b); });
  const size_t k = static_cast<size_t>(options.top_k);
  if (k > 0 && k < order.size()) {
    const float least = score(order[k - 1]);
    while (score(order.back()) < least) order.pop_back();
  }
  const auto weight = [&](int32_t id) {
    return std::exp((static_cast<long double>(score(id)) - static_cast<long double>(score(order[0]))) /
                    static_cast<long double>(options.temperature));
  };
  Expected expected;
  long double total = 0, tail = 0;
  for (const int32_t id : order) total += weight(id);
  const long double allowance = 1 - static_cast<long double>(options.top_p);
  while (options.top_p < 1 && order.size() > 1) {
    tail += weight(order.back()) / total;
    expected.closest_call = std::min(expected.closest_call, std::abs(tail - allowance));
    if (tail > allowance) break;
    order.pop_back();
  }
  while (order.size() > 1) {
    const long double margin = weight(order.back()) - static_cast<long double>(options.min_p);
    if (options.min_p > 0 && weight(order.back()) < 1) {
      expected.closest_call = std::min(expected.closest_call, std::abs(margin));
    }
    if (margin >= 0) break;
    order.pop_back();
  }
  expected.ids = order;
  std::sort(expected.ids.begin(), expected.ids.end());
  return expected;
}

Selection select(const SamplingOptions& options, const std::vector<float>& scores) {
  Peaks peaks;
  peaks.measure(scores);
  Selection selection;
  selection.select(options, scores, peaks);
  return selection;
}

std::vector<int32_t> ids_of(const Selection& selection) {
  std::vector<int32_t> ids;
  for (const Selection::Token& token : selection.tokens()) ids.push_back(token.id);
  return ids;
}

// Uniform in 0 to 1.
double uniform(Random& random) { return static_cast<double>(random.next() >> 11) * 0x1p-53; }

// Of few different values there are many ties; some are banned.
std::vector<float> random_scores(Random& random) {
  std::vector<float> scores(1 + random.below(400));
  const uint64_t values = random.below(2) == 0 ? 5 : 1000000;
  const double width = std::exp(6 * uniform(random) - 3);
  for (float& score : scores) {
    score = static_cast<float>(width * static_cast<double>(random.below(values)) / static_cast<double>(values));
    if (random.below(10) == 0) score = kBanned;
  }
  scores[random.below(scores.size())] = static_cast<float>(width);
  return scores;
}

SamplingOptions random_options(Random& random) {
  SamplingOptions options;
  options.temperature = std::exp(8 * uniform(random) - 4);
  const uint64_t tops[] = {0, 1, random.below(20), random.below(500), 1 << 30};
  options.top_k = static_cast<int64_t>(tops[random.below(5)]);
  const double shares[] = {0, 1, 1, uniform(random), uniform(random), 1e-12, 1 - 1e-6 * uniform(random)};
  options.top_p = shares[random.below(7)];
  const double least[] = {0, 0, 1, uniform(random), 0.1 * uniform(random), 1e-300};
  options.min_p = least[random.below(6)];
  return options;
}

TEST(Selection, EqualsAFullSort) {
  Random random(11);
  int compared = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::vector<float> scores = random_scores(random);
    const SamplingOptions options = random_options(random);
    const Expected expected = expect_from(options, scores);
    const Selection selection = select(options, scores);
    ASSERT_FALSE(selection.tokens().empty());
    uint64_t total = 0;
    for (const Selection::Token& token : selection.tokens()) total += token.weight;
    ASSERT_EQ(total, selection.total());
    if (expected.closest_call < 1e-8L) continue;  // thresholds of equal tokens: see the tests below
    ++compared;
    ASSERT_EQ(ids_of(selection), expected.ids)
        << "case " << i << ": " << scores.size() << " scores, temperature " << options.temperature << ", top_k "
        << options.top_k << ", top_p " << options.top_p << ", min_p " << options.min_p;
  }
  EXPECT_GT(compared, 4000);
}

TEST(Selection, NextToNothingIsLeftOutByTopPOfAlmostOne) {
  EXPECT_EQ(ids_of(select({.top_p = 0.999999}, {0, -40, 1, -50, kBanned})), (std::vector<int32_t>{0, 2}));
  EXPECT_EQ(ids_of(select({}, {0, -40, 1, -50, kBanned})), (std::vector<int32_t>{0, 1, 2, 3}));
}

TEST(Selection, OfEqualsTopPKeepsTheLowerIds) {
  const std::vector<float> equal(1000, 2);
  EXPECT_EQ(ids_of(select({.top_p = 0.0035}, equal)), (std::vector<int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(ids_of(select({.top_p = 0}, equal)), std::vector<int32_t>{0});
  EXPECT_EQ(ids_of(select({.top_k = 300, .top_p = 0.0015}, equal)), (std::vector<int32_t>{0, 1}));
}

TEST(Selection, TopKKeepsTies) {
  EXPECT_EQ(ids_of(select({.top_k = 2}, {1, 3, 2, 2, 0, 2})), (std::vector<int32_t>{1, 2, 3, 5}));
  EXPECT_EQ(ids_of(select({.top_k = 1}, std::vector<float>(500, -1))).size(), 500u);
  std::vector<float> scores(10000, kBanned);
  scores[9999] = 1;
  EXPECT_EQ(ids_of(select({.top_k = 100}, scores)), std::vector<int32_t>{9999});
}

TEST(Selection, MinPOfOneKeepsTheLikeliestAndItsEquals) {
  EXPECT_EQ(ids_of(select({.min_p = 1}, {1, 3, 2.999f, 3})), (std::vector<int32_t>{1, 3}));
}

TEST(Selection, ScoresAtTheEndsOfFloat) {
  const float largest = std::numeric_limits<float>::max();
  const std::vector<float> scores = {-largest, largest, 0, kBanned, largest};
  for (const double temperature : {1.2e-38, 1.0, 3e38}) {
    const Selection selection = select({.temperature = temperature}, scores);
    EXPECT_EQ(ids_of(selection), (std::vector<int32_t>{0, 1, 2, 4})) << temperature;
    EXPECT_EQ(ids_of(select({.temperature = temperature, .top_p = 0.9, .min_p = 0.9}, scores)),
              (std::vector<int32_t>{1, 4})) << temperature;
  }
  EXPECT_EQ(select({.temperature = 1e30}, {1, 2, 3}).total(), 3 * kLargestWeight);
}

TEST(Selection, TheLargestVocabularyDoesNotOverflow) {
  const std::vector<float> equal(kMaxVocabulary, 0);
  const Selection selection = select({.top_p = 0.5}, equal);
  EXPECT_EQ(selection.tokens().size(), equal.size() / 2);
  EXPECT_EQ(selection.total(), kLargestWeight * equal.size() / 2);
}

TEST(Selection, AtFindsTheTokenOfEachPlace) {
  const Selection selection = select({}, {kBanned, 0, -100, 0});
  EXPECT_EQ(selection.total(), 2 * kLargestWeight);
  EXPECT_EQ(selection.at(0), 1);
  EXPECT_EQ(selection.at(kLargestWeight - 1), 1);
  EXPECT_EQ(selection.at(kLargestWeight), 3);
  EXPECT_EQ(selection.at(2 * kLargestWeight - 1), 3);
}

TEST(Selection, LikeliestAreInOrder) {
  const Selection selection = select({}, {1, 3, 2, 3});
  std::vector<int32_t> ids;
  for (const Selection::Token& token : selection.likeliest(3)) ids.push_back(token.id);
  EXPECT_EQ(ids, (std::vector<int32_t>{1, 3, 2}));
  EXPECT_EQ(selection.likeliest(99).size(), 4u);
}

}  // namespace
}  // namespace cortland::text
