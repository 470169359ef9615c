// Rotary frequencies. angle = position * inv_freq[i]; the pairs are (i, i + R/2) of the first R dimensions of a head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cortland {

struct RopeTable {
  std::string kind = {};          // as the config calls it: "default", "llama3", ...
  std::vector<double> inv_freq;   // [R/2]
  double attention_factor = 1.0;  // multiplies cos and sin

  // Kinds whose frequencies depend on the length of the text: what holds in a context of more than `beyond` tokens.
  struct Longer {
    int64_t beyond = 0;
    std::vector<double> inv_freq;  // longrope; empty: dynamic, by theta and factor
    double theta = 0, factor = 1;
  };
  std::optional<Longer> longer = {};
};

// The table for a context of so many tokens: a package has one set of frequencies.
RopeTable at_context(const RopeTable& table, int64_t context);

// theta^(-2i/R).
std::vector<double> rope_frequencies(double theta, int64_t rotary_dims);

}  // namespace cortland
