// The cases of tests/golden/checkpoints: a checkpoint and what transformers computes from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cortland {

struct GoldenCase {
  std::string name, folder;
  int64_t tokens = 0;      // T
  int64_t vocabulary = 0;  // V
  int64_t context = 64;    // for which rotary tables hold that depend on the length
  std::vector<std::vector<int32_t>> ids;     // [2][T]
  std::vector<std::vector<int32_t>> greedy;  // [2][24]: behind the first 8 ids
  std::vector<std::vector<float>> logits;    // [2][T * V]; in the case of the big vocabulary [1][V]: the last position
  std::vector<std::vector<int32_t>> argmax;  // [2][T], of the big vocabulary only
  std::vector<float> hidden;                 // [L+1, T, D] of the first sequence

  bool has_all_logits() const { return argmax.empty(); }
  bool has_logits(size_t sequence, size_t position) const {
    return has_all_logits() || (sequence < logits.size() && static_cast<int64_t>(position) + 1 == tokens);
  }
  // The expected logits of the position: [V]. REQUIRES: has_logits().
  std::span<const float> expected(size_t sequence, size_t position) const;
};

GoldenCase load_golden(const std::string& name);

// Every case, sorted.
std::vector<std::string> golden_names();

}  // namespace cortland
