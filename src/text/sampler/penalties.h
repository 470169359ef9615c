// The steps that change or ban single tokens: biases, penalties, and n-grams that would repeat.
#pragma once

#include <cstdint>
#include <vector>

#include "text/sampler/history.h"
#include "text/sampler/options.h"

namespace cortland::text {

// Every step of the options before the temperature. A banned token has -infinity; a finite score stays finite.
// Arithmetic as in transformers 4.57 (float32), rounded the same on every platform.
void apply_penalties(const SamplingOptions& options, const History& history, std::vector<float>& scores);  // [V]

// The tokens that would end an n-gram which `ids` has already; with repetitions. n = 1: every id. Time O(ids + n).
std::vector<int32_t> repeated_endings(const std::vector<int32_t>& ids, int64_t n);

}  // namespace cortland::text
