// How well a package predicts a text.
#pragma once

#include <cstdint>
#include <span>

#include "pipeline/measured.h"
#include "pipeline/progress.h"
#include "pipeline/runner.h"

namespace cortland {

struct PerplexityReport {
  size_t windows = 0;
  size_t predicted_tokens = 0;  // all but the first of each window
  double total_nll = 0;         // negative log likelihood, natural logarithm

  Measured mean_nll() const;
  Measured perplexity() const;  // its exponential; missing when nothing was predicted or when it is not finite
};

// Cuts the ids into consecutive windows, the last one maybe shorter, and predicts each token of a window from those before
// it. Errors: invalid for a window below 2 or beyond the context, and for ids outside
// the vocabulary.
PerplexityReport measure_perplexity(Runner& runner, std::span<const int32_t> ids, int64_t window, Progress& progress);

}  // namespace cortland
