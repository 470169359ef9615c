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

  bool is_half() const;  // all weights are fp16
};

// What keeps a weight from the scheme asked for.
enum class Obstacle { none, target, matrix };

struct SchemeChoice {
  Scheme scheme = {};
  Scheme wanted = {};  // asked for
  Obstacle obstacle = Obstacle::none;
  std::string reason = {};  // in words; empty when there is none
};

// Errors: none; what cannot be had falls back to the nearest scheme that can.
SchemeChoice choose_scheme(const WeightPolicy& policy, WeightPlace place, std::string_view tensor, int64_t rows, int64_t cols);

}  // namespace cortland
