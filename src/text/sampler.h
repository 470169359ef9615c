// Chooses the next token from a model's logits. The same options, prompt and logits give the same tokens on every
// platform: see sampler/weights.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "portable/result.h"
#include "text/sampler/history.h"
#include "text/sampler/logits.h"
#include "text/sampler/options.h"
#include "text/sampler/peaks.h"
#include "text/sampler/random.h"
#include "text/sampler/selection.h"

namespace cortland::text {

struct TokenProbability {
  int32_t id = 0;
  float score = 0;             // after the temperature
  double probability = 0;      // by which the token was drawn; 0 below 2^-42 of the likeliest
  double log_probability = 0;  // natural logarithm; right for the least likely, too
};

// One conversation: the steps of SamplingOptions in their order, over the history of prompt and answer. Holds about 8
// bytes per token of the vocabulary, and 16 to 32 per token that may come next. Not thread-safe.
class Sampler {
 public:
  // `vocabulary` = V, the number of logits. Fails for options out of range: see check_options.
  static portable::Result<Sampler> make(SamplingOptions options, int64_t vocabulary);

  // Begins an answer: the history is `prompt` alone. Random numbers go on where they were. After a failure (an id
  // outside the vocabulary) everything is as before.
  std::optional<portable::Failure> begin(std::span<const int32_t> prompt) { return history_.begin(prompt); }
  // Adds a token of the answer that something else has chosen.
  std::optional<portable::Failure> add(int32_t id) { return history_.add(id); }
  // Chooses a token and adds it to the answer. Fails, and adds nothing, for logits that are not V numbers, or when none
  // is left that could come.
  portable::Result<int32_t> sample(const Logits& logits);

  // From here on: what the last call of sample() chose from. With greedy options that is every token, at temperature 1.
  // Empty before the first call and after one that failed.
  //
  // The n likeliest, the likeliest first; of equals the one with the lower id.
  std::vector<TokenProbability> top(size_t n);
  // nullopt when the token could not come.
  std::optional<TokenProbability> find(int32_t id);
  // All that could come, in the order of their ids.
  std::vector<TokenProbability> candidates();

 private:
  Sampler(SamplingOptions options, int64_t vocabulary);
  bool is_greedy() const { return options_.temperature == 0; }
  bool select();
  TokenProbability describe(const Selection::Token& token) const;

  enum class State { empty, scored, selected };

  SamplingOptions options_;
  SamplingOptions selection_options_;  // greedy: neutral ones
  int64_t vocabulary_;
  History history_;
  Random random_;
  State state_ = State::empty;
  std::vector<float> scores_;  // [V] before the temperature
  Peaks peaks_;
  Selection selection_;
};

}  // namespace cortland::text
