#include "text/sampler/penalties.h"

#include <algorithm>
#include <limits>

namespace cortland::text {
namespace {

// The products of two floats are exact in double, so it makes no difference whether a compiler fuses them with a sum.
float to_score(double value) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

double penalized(double score, const SamplingOptions& options, const History::Seen& seen) {
  if (options.repetition_penalty != 1) {
    const double penalty = static_cast<float>(options.repetition_penalty);
    score = to_score(score < 0 ? score * penalty : score / penalty);
  }
  if (options.frequency_penalty != 0) {
    score = to_score(score - static_cast<double>(static_cast<float>(options.frequency_penalty)) * seen.generated);
  }
  if (options.presence_penalty != 0 && seen.generated > 0) {
    score = to_score(score - static_cast<double>(static_cast<float>(options.presence_penalty)));
  }
  return score;
}

}  // namespace

void apply_penalties(const SamplingOptions& options, const History& history, std::vector<float>& scores) {
  for (const auto& [id, bias] : options.logit_bias) {
    float& score = scores[static_cast<size_t>(id)];
    const bool banned = score == kBanned || bias < -std::numeric_limits<double>::max();
    score = banned ? kBanned : to_score(static_cast<double>(score) + static_cast<double>(static_cast<float>(bias)));
  }
  const bool looks_back =
      options.repetition_penalty != 1 || options.frequency_penalty != 0 || options.presence_penalty != 0;
  if (looks_back) {
    for (const History::Seen& seen : history.seen()) {
      float& score = scores[static_cast<size_t>(seen.id)];
      if (score != kBanned) score = static_cast<float>(penalized(static_cast<double>(score), options, seen));
    }
  }
  for (const int32_t id : repeated_endings(history.ids(), options.no_repeat_ngram)) {
    scores[static_cast<size_t>(id)] = kBanned;
  }
}

std::vector<int32_t> repeated_endings(const std::vector<int32_t>& ids, int64_t n) {
  if (n == 1) return ids;
  std::vector<int32_t> endings;
  if (n < 1 || static_cast<uint64_t>(n) > ids.size()) return endings;
  // Knuth, Morris, Pratt: finds the last n - 1 ids in all of them. fall[i]: length of the longest proper border of the
  // first i + 1.
  const size_t length = static_cast<size_t>(n) - 1;
  const int32_t* last = ids.data() + (ids.size() - length);
  std::vector<size_t> fall(length, 0);
  for (size_t i = 1, matched = 0; i < length; ++i) {
    while (matched > 0 && last[i] != last[matched]) matched = fall[matched - 1];
    if (last[i] == last[matched]) ++matched;
    fall[i] = matched;
  }
  for (size_t i = 0, matched = 0; i + 1 < ids.size(); ++i) {
    while (matched > 0 && (matched == length || ids[i] != last[matched])) matched = fall[matched - 1];
    if (ids[i] == last[matched]) ++matched;
    if (matched == length) endings.push_back(ids[i + 1]);
  }
  return endings;
}

}  // namespace cortland::text
