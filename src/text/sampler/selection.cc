#include "text/sampler/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace cortland::text {
namespace {

using Token = Selection::Token;

constexpr int kStepBits = 24;  // of a distance: 1/16 octave
constexpr size_t kSteps = (kLargestWeightBits + 1) * 16;

double edge_of(size_t step) { return static_cast<double>(step) * (1 << kStepBits); }

// A total order, so that the result does not depend on how a library partitions.
bool is_likelier(const Token& a, const Token& b) { return a.score != b.score ? a.score > b.score : a.id < b.id; }

uint64_t sum_of(std::vector<Token>::const_iterator begin, std::vector<Token>::const_iterator end) {
  uint64_t sum = 0;
  for (; begin != end; ++begin) sum += begin->weight;
  return sum;
}

// How much weight top_p may drop: less than all.
uint64_t allowance_of(double top_p, uint64_t total) {
  const double share = (1 - top_p) * static_cast<double>(total);
  return std::min(static_cast<uint64_t>(share), total - 1);
}

// Drops the least likely as long as their weights together are within the allowance; returns the last one that stays.
// Halves the pool instead of sorting it. REQUIRES: the pool weighs more than the allowance.
Token last_kept(std::vector<Token>& pool, uint64_t allowance) {
  // What is before `low` stays, what is from `high` on is dropped, and what is between weighs more than the allowance.
  auto low = pool.begin(), high = pool.end();
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    std::nth_element(low, middle, high, is_likelier);
    const uint64_t sum = sum_of(middle, high);
    if (sum <= allowance) {
      allowance -= sum;
      high = middle;
    } else {
      low = middle;
    }
  }
  return *std::max_element(pool.begin(), high, is_likelier);
}

}  // namespace

void Selection::select(const SamplingOptions& options, const std::vector<float>& scores, const Peaks& peaks) {
  const Distance distance(peaks.best(), options.temperature);
  const uint64_t least = static_cast<uint64_t>(std::ceil(options.min_p * static_cast<double>(kLargestWeight)));
  tokens_.clear();
  if (options.top_k > 0 && static_cast<uint64_t>(options.top_k) < scores.size()) {
    take_top_k(static_cast<size_t>(options.top_k), scores, peaks, distance);
    if (options.top_p < 1) drop_tail(options.top_p);
  } else if (options.top_p < 1) {
    take_top_p(options.top_p, scores, peaks, distance);
  } else {
    take_nearer(distance_below(least), scores, peaks, distance);
  }
  if (least > 0) std::erase_if(tokens_, [&](const Token& token) { return token.weight < least; });
  total_ = sum_of(tokens_.begin(), tokens_.end());
}

int32_t Selection::at(uint64_t place) const {
  auto token = tokens_.begin();
  for (; place >= token->weight; ++token) place -= token->weight;
  return token->id;
}

std::vector<Token> Selection::likeliest(size_t n) const {
  std::vector<Token> result(std::min(n, tokens_.size()));
  std::partial_sort_copy(tokens_.begin(), tokens_.end(), result.begin(), result.end(), is_likelier);
  return result;
}

void Selection::take_nearer(double limit, const std::vector<float>& scores, const Peaks& peaks,
                            const Distance& distance) {
  peaks.each(scores, [&](float score) { return distance(score) < limit; }, [&](int32_t id, float score) {
    tokens_.push_back({.id = id, .score = score, .weight = weight_of(distance(score))});
  });
}

void Selection::take_top_k(size_t k, const std::vector<float>& scores, const Peaks& peaks, const Distance& distance) {
  const float bound = peaks.bound_of_top(k);
  peaks.each(scores, [&](float score) { return score >= bound && score > kBanned; }, [&](int32_t id, float score) {
    tokens_.push_back({.id = id, .score = score});
  });
  if (tokens_.size() > k) {
    values_.clear();
    for (const Token& token : tokens_) values_.push_back(token.score);
    const auto place = values_.begin() + static_cast<ptrdiff_t>(k) - 1;
    std::nth_element(values_.begin(), place, values_.end(), std::greater<>());
    std::erase_if(tokens_, [least = *place](const Token& token) { return token.score < least; });
  }
  for (Token& token : tokens_) token.weight = weight_of(distance(token.score));
}

void Selection::drop_tail(double top_p) {
  pool_ = tokens_;
  const Token last = last_kept(pool_, allowance_of(top_p, sum_of(pool_.begin(), pool_.end())));
  std::erase_if(tokens_, [&](const Token& token) { return is_likelier(last, token); });
}

void Selection::take_top_p(double top_p, const std::vector<float>& scores, const Peaks& peaks,
                           const Distance& distance) {
  std::array<uint64_t, kSteps> sums{};
  peaks.each(scores, [&](float score) { return distance(score) < edge_of(kSteps); }, [&](int32_t, float score) {
    const double far = distance(score);
    sums[static_cast<size_t>(static_cast<int64_t>(far) >> kStepBits)] += weight_of(far);
  });
  uint64_t total = 0;
  for (const uint64_t sum : sums) total += sum;
  uint64_t allowance = allowance_of(top_p, total);
  size_t cut = kSteps - 1;
  while (sums[cut] <= allowance) allowance -= sums[cut--];
  take_nearer(edge_of(cut + 1), scores, peaks, distance);
  pool_.clear();
  for (const Token& token : tokens_) {
    if (distance(token.score) >= edge_of(cut)) pool_.push_back(token);
  }
  const Token last = last_kept(pool_, allowance);
  std::erase_if(tokens_, [&](const Token& token) { return is_likelier(last, token); });
}

}  // namespace cortland::text
