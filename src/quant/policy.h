// Which scheme a weight gets.
#pragma once

#include <optional>
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
  std::vector<KeepRule> chosen = {};  // as keep, behind it: for single tensors, by a budget
  WeightFormats formats;

  bool is_half() const;       // all weights are fp16
  bool has_few_bits() const;  // some weights have fewer than 8
  bool keeps() const;         // some weights are to be as the checkpoint has them
};

// What the checkpoint has of a weight, for policies that keep it.
struct StoredForm {
  bool is_quantized = false;
  std::optional<Scheme> scheme = {};  // with just its codes; none when no scheme has them
  std::string reason = {};            // why there is none, or what is not exact about it
};

// Whether a rule of policy.keep is about a tensor.
bool has_rule(const WeightPolicy& policy, std::string_view tensor);

// Schemes that take more and err less than one of those that presets have, in ascending order; the last one is fp16.
std::vector<Scheme> larger_schemes(const Scheme& scheme, const WeightFormats& formats);

// What keeps a weight from the scheme asked for.
enum class Obstacle { none, target, matrix };

struct SchemeChoice {
  Scheme scheme = {};
  Scheme wanted = {};  // asked for
  Obstacle obstacle = Obstacle::none;
  std::string reason = {};  // in words; empty when there is none
  bool is_kept = false;  // the codes are those of the checkpoint; then the reason says what is not exact about them
};

// Errors: none; what cannot be had falls back to the nearest scheme that can. A weight to keep that cannot be kept is
// int8 for each row, and fp16 when it is not quantized.
SchemeChoice choose_scheme(const WeightPolicy& policy, WeightPlace place, std::string_view tensor, int64_t rows,
                           int64_t cols, const StoredForm& stored = {});

}  // namespace cortland
