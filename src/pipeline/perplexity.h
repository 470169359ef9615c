// How well a package predicts a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"
#include "interp/interpreter.h"
#include "pipeline/measured.h"
#include "pipeline/package_paths.h"
#include "pipeline/progress.h"

namespace cortland {

struct PerplexityRequest {
  PackagePaths paths = {};
  std::string file = {};                // UTF-8 text; control tokens in it are text like any
  std::optional<int64_t> context = {};  // as read_model(); default: with room for the window
  std::optional<int64_t> window = {};   // tokens that are read as one piece; default: the context
  Math math = Math::fp32;
};

struct PerplexityReport {
  int64_t window = 0;
  size_t tokens = 0;            // of the text
  size_t windows = 0;
  size_t predicted_tokens = 0;  // all but the first of each window
  double total_nll = 0;         // negative log likelihood, natural logarithm

  Measured mean_nll() const;
  Measured perplexity() const;  // its exponential; missing when it is not finite
};

// Cuts the text into consecutive windows, the last one maybe shorter, and predicts each token of a window from those
// before it. Errors: as read_model() and TextModel; invalid for a window below 2 or beyond the context, and for a text
// of fewer than 2 tokens or that is not UTF-8.
PerplexityReport measure_perplexity(const FileSystem& files, const PerplexityRequest& request, Progress& progress);

}  // namespace cortland
