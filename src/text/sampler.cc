#include "text/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "text/sampler/penalties.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;

Result<Sampler> Sampler::make(SamplingOptions options, int64_t vocabulary) {
  if (auto failure = check_options(options, vocabulary)) return *failure;
  return Sampler(std::move(options), vocabulary);
}

Sampler::Sampler(SamplingOptions options, int64_t vocabulary)
    : options_(std::move(options)), vocabulary_(vocabulary), history_(vocabulary), random_(options_.seed) {
  if (!is_greedy()) selection_options_ = options_;
}

Result<int32_t> Sampler::sample(const Logits& logits) {
  state_ = State::empty;
  if (logits.count != vocabulary_) {
    return Failure{"logits: not one per token of the vocabulary; got " + std::to_string(logits.count) + ", want " +
                   std::to_string(vocabulary_)};
  }
  if (auto failure = read_logits(logits, scores_)) return *failure;
  apply_penalties(options_, history_, scores_);
  peaks_.measure(scores_);
  if (!(peaks_.best() >= std::numeric_limits<float>::lowest())) {
    return Failure{"logits: no token is left that could come; got -infinity for all " + std::to_string(vocabulary_) +
                   ", want at least one finite number; hint: no_repeat_ngram and logit_bias ban tokens"};
  }
  state_ = State::scored;
  if (!is_greedy()) select();
  const int32_t id = is_greedy() ? peaks_.first_best(scores_) : selection_.at(random_.below(selection_.total()));
  history_.add(id);
  return id;
}

// Greedy sampling needs no selection: it is made when somebody asks for probabilities.
bool Sampler::select() {
  if (state_ == State::scored) {
    selection_.select(selection_options_, scores_, peaks_);
    state_ = State::selected;
  }
  return state_ == State::selected;
}

TokenProbability Sampler::describe(const Selection::Token& token) const {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const double temperature = selection_options_.temperature;
  const double score = std::clamp(static_cast<double>(token.score) / temperature, -kLargest, kLargest);
  const double total = static_cast<double>(selection_.total());
  const double distance = Distance(peaks_.best(), temperature)(token.score);
  return {.id = token.id,
          .score = static_cast<float>(score),
          .probability = static_cast<double>(token.weight) / total,
          .log_probability = Distance::log_of(distance) - std::log(total / static_cast<double>(kLargestWeight))};
}

std::vector<TokenProbability> Sampler::top(size_t n) {
  std::vector<TokenProbability> result;
  if (!select()) return result;
  for (const Selection::Token& token : selection_.likeliest(n)) result.push_back(describe(token));
  return result;
}

std::optional<TokenProbability> Sampler::find(int32_t id) {
  if (!select()) return std::nullopt;
  const auto& tokens = selection_.tokens();
  const auto found = std::lower_bound(tokens.begin(), tokens.end(), id,
                                      [](const Selection::Token& token, int32_t wanted) { return token.id < wanted; });
  if (found == tokens.end() || found->id != id) return std::nullopt;
  return describe(*found);
}

std::vector<TokenProbability> Sampler::candidates() {
  std::vector<TokenProbability> all;
  if (!select()) return all;
  for (const Selection::Token& token : selection_.tokens()) all.push_back(describe(token));
  return all;
}

}  // namespace cortland::text
