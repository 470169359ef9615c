// How the next token is chosen from the logits.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

// Of all known vocabularies the largest has 262,144 tokens. The sums of the weights (weights.h) rely on the limit.
inline constexpr int64_t kMaxVocabulary = 1 << 20;

// The score of a token that cannot be chosen.
inline constexpr float kBanned = -std::numeric_limits<float>::infinity();

struct LogitBias {
  int32_t id = 0;
  double bias = 0;  // is added to the logit; -infinity bans the token
};

// In the order in which the steps happen. A step with its default leaves the scores as they are.
struct SamplingOptions {
  std::vector<LogitBias> logit_bias = {};  // each id once
  double repetition_penalty = 1;      // > 0; for ids of the prompt and the answer: score * p below 0, else score / p
  double frequency_penalty = 0;       // for ids of the answer: score - p * (how often the answer has it)
  double presence_penalty = 0;        // for ids of the answer: score - p
  int64_t no_repeat_ngram = 0;        // n: a token that would end an n-gram a second time is banned; 0 = off
  double temperature = 1;             // score / t; 0 = greedy: the first of the highest scores, and no step below
  int64_t top_k = 0;                  // only scores not below the k-th highest; 0 = off
  double top_p = 1;                   // 0 to 1: drops the least likely that have at most 1 - p together; keeps one
  double min_p = 0;                   // 0 to 1: drops what is less likely than p * (the probability of the likeliest)
  uint64_t seed = 0;                  // of the random numbers
};

// Fails at the first option out of its range, and names it. `vocabulary` = V, the number of logits.
std::optional<portable::Failure> check_options(const SamplingOptions& options, int64_t vocabulary);

}  // namespace cortland::text
