// How fast the interpreter runs a package on this machine. A device has other speeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "interp/interpreter.h"
#include "pipeline/progress.h"

namespace cortland {

struct SpeedRequest {
  std::string package = {};     // or a bundle
  std::optional<int64_t> context = {};  // as read_model(); default: with room for the prompt, and for the new tokens
  int64_t prompt_tokens = 512;  // 0: no prefill is measured
  int64_t new_tokens = 128;     // 0: no decoding is measured
  int64_t repetitions = 5;
  Math math = Math::fp32;
};

// Rounds of the same work, each from an empty cache.
struct SpeedSample {
  int64_t tokens = 0;           // of a round
  std::vector<double> seconds;  // of each round
  // Tokens per second: of all rounds together, and the standard deviation between them.
  double mean() const;
  double deviation() const;
};

struct SpeedReport {
  double load_seconds = 0;  // reading the package, to the first call
  uint64_t weight_bytes = 0;
  SpeedSample prefill;      // a prompt without the logits behind it
  SpeedSample decode;       // one token after the other
};

// One round of each comes first and is not counted. Tokens are drawn at random. Errors: as read_model() and Runner;
// invalid for numbers out of range. More tokens than the context holds are cut, and a note says so.
SpeedReport measure_speed(const FileSystem& files, const SpeedRequest& request, Progress& progress);

}  // namespace cortland
