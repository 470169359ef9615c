#include "pipeline/perplexity.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "tensor/metrics.h"

namespace cortland {

Measured PerplexityReport::mean_nll() const {
  return predicted_tokens == 0 ? Measured() : Measured(total_nll / static_cast<double>(predicted_tokens));
}

Measured PerplexityReport::perplexity() const {
  const double value = std::exp(mean_nll());
  return std::isfinite(value) ? Measured(value) : Measured();
}

PerplexityReport measure_perplexity(Runner& runner, std::span<const int32_t> ids, int64_t window, Progress& progress) {
  require(window >= 2 && window <= runner.contract().context, ErrorCode::invalid, "window: got {} tokens, want 2 to {}", window,
          runner.contract().context);
  PerplexityReport report;
  for (size_t begin = 0; begin < ids.size(); begin += static_cast<size_t>(window)) {
    const std::span<const int32_t> part = ids.subspan(begin, std::min(static_cast<size_t>(window), ids.size() - begin));
    if (part.size() < 2) break;
    host::Session session(runner.contract());
    for (size_t i = 0; i + 1 < part.size(); ++i) {
      report.total_nll += negative_log_likelihood(runner.decode(session, part[i]), part[i + 1]);
      ++report.predicted_tokens;
      progress.advance(begin + i + 1, ids.size());
    }
    ++report.windows;
  }
  return report;
}

}  // namespace cortland
