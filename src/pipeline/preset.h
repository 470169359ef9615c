// The precisions that --precision knows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/policy.h"

namespace cortland {

struct Preset {
  std::string_view name;
  std::vector<std::string_view> aliases;
  Scheme body, embedding, head;
  std::string_view system;   // the oldest that has the form
  std::string_view unit;     // the compute unit that it suits
  std::string_view profile;  // the profile it chooses unless one is named
  std::string_view why;

  double bits() const;  // of a body weight of a matrix of 2048 columns; 0: as the checkpoint has it
};

std::span<const Preset> presets();
// By name or alias, in any case. nullptr: not known.
const Preset* find_preset(std::string_view name);

// A text on which weights of fewer than 8 bits are calibrated.
struct CalibrationOptions {
  std::string file = {};  // text, or ids when it ends in .ids or .json; empty: no calibration
  int64_t tokens = 4096;  // the most that are read
};

enum class Folding { off, on };

struct PrecisionOptions {
  std::string precision = "float16";
  std::optional<std::string> embedding = {}, head = {};
  std::optional<int64_t> block_size = {};  // of blocks of columns: 16, 32, 64 or 128
  std::optional<int64_t> group_size = {};  // of groups of rows: 1 to 1024; 0: one palette a matrix
  std::vector<std::string> keep = {};      // "PATTERN=PRECISION"
  Folding folding = Folding::off;          // of factors into weights (lower/folds.h), where there are fewer than 8 bits
  CalibrationOptions calibration = {};
  std::optional<double> target_bpw =
      {};  // bits of the weight file for each parameter: what the presets leave is spent on single tensors
  std::vector<KeepRule> chosen = {};      // for those (pipeline/bit_budget.h)
};

// "--precision int4 --block-size 64": the options that are not the default's, with names in full. What calibrates
// is not among them: it has a digest.
std::string canonical_text(const PrecisionOptions& options);

// Errors: invalid for names and sizes that are not known.
WeightPolicy make_policy(const PrecisionOptions& options, const WeightFormats& formats);

}  // namespace cortland
