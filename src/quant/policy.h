// Which scheme a weight gets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quant/scheme.h"

namespace cortland {

// What a weight is for.
enum class WeightPlace { body, embedding, head };

// What a target can express besides int8 per row and one palette a matrix.
struct WeightFormats {
  bool blocks = true;           // scales by block
  bool grouped_palettes = true;  // and palettes of 3 bits
};

// Tensors whose name matches (* and ? as in a shell) get a scheme of their own.
struct KeepRule {
  std::string pattern;
  Scheme scheme;
};

struct WeightPolicy {
  Scheme body, embedding, head;
  std::vector<KeepRule> keep;  // the first match wins
  WeightFormats formats;

  bool is_half() const;       // all weights are fp16
  bool has_few_bits() const;  // some weights have fewer than 8
};

struct SchemeChoice {
  Scheme scheme;
  std::string reason;  // why it is not the one asked for; empty when it is
};

// Errors: none; what cannot be had falls back to the nearest scheme that can.
SchemeChoice choose_scheme(const WeightPolicy& policy, WeightPlace place, std::string_view tensor, int64_t rows, int64_t cols);

}  // namespace cortland
