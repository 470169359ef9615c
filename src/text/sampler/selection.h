// The tokens that may come next and their probabilities: temperature, top_k, top_p and min_p.
//
// Nothing sorts the vocabulary. top_k takes a bound from the peaks of the blocks and looks only into the few blocks
// that reach it; top_p sums the weights per step of 1/16 octave, and orders only the step in which the cut lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "text/sampler/options.h"
#include "text/sampler/peaks.h"
#include "text/sampler/weights.h"

namespace cortland::text {

class Selection {
 public:
  struct Token {
    int32_t id = 0;
    float score = 0;      // before the temperature
    uint64_t weight = 0;  // probability = weight / total(); may be 0
  };

  // Selects from the scores. Of equally likely tokens at the cut of top_p those with the lower ids stay.
  // REQUIRES: `peaks` are those of `scores`, and finite; checked options with a temperature above 0.
  void select(const SamplingOptions& options, const std::vector<float>& scores, const Peaks& peaks);

  const std::vector<Token>& tokens() const { return tokens_; }  // in the order of the ids; at least 1
  uint64_t total() const { return total_; }                     // at least 1
  // The n likeliest, the likeliest first; of equals the one with the lower id.
  std::vector<Token> likeliest(size_t n) const;
  // The token that holds `place` of the weights laid end to end. REQUIRES: place < total().
  int32_t at(uint64_t place) const;

 private:
  // Each fills tokens_, in the order of the ids and with their weights.
  void take_nearer(double limit, const std::vector<float>& scores, const Peaks& peaks, const Distance& distance);
  void take_top_k(size_t k, const std::vector<float>& scores, const Peaks& peaks, const Distance& distance);
  void take_top_p(double top_p, const std::vector<float>& scores, const Peaks& peaks, const Distance& distance);
  // top_p among tokens_.
  void drop_tail(double top_p);

  std::vector<Token> tokens_;
  std::vector<Token> pool_;    // kept between calls for their memory, as values_
  std::vector<float> values_;
  uint64_t total_ = 0;
};

}  // namespace cortland::text
