#include "pipeline/perplexity.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "package/reader.h"
#include "pipeline/runner.h"
#include "pipeline/text_model.h"
#include "tensor/metrics.h"

namespace cortland {

Measured PerplexityReport::mean_nll() const {
  return predicted_tokens == 0 ? Measured() : Measured(total_nll / static_cast<double>(predicted_tokens));
}

Measured PerplexityReport::perplexity() const {
  const double value = std::exp(mean_nll());
  return std::isfinite(value) ? Measured(value) : Measured();
}

PerplexityReport measure_perplexity(const FileSystem& files, const PerplexityRequest& request, Progress& progress) {
  const Package package = read_package(files, request.paths.package);
  const TextModel text(files, request.paths.text);
  Runner runner(package, request.math);
  const host::Contract& contract = runner.contract();
  text.check_contract(contract);
  PerplexityReport report;
  report.window = request.window.value_or(contract.context);
  require(report.window >= 2 && report.window <= contract.context, ErrorCode::invalid, "window: got {} tokens, want 2 to {}",
          report.window, contract.context);
  const std::vector<int32_t> ids =
      text.encode(files.read_text(request.file), {.add_special_tokens = false, .special_text = text::SpecialText::kPlain});
  report.tokens = ids.size();
  require(ids.size() > 1, ErrorCode::invalid, "{}: got {} tokens, want at least 2", request.file, ids.size());
  progress.stage("reading the text");
  const auto window = static_cast<size_t>(report.window);
  for (size_t begin = 0; begin + 1 < ids.size(); begin += window) {
    const size_t end = std::min(begin + window, ids.size());
    host::Session session(contract);
    for (size_t i = begin; i + 1 < end; ++i) {
      report.total_nll += negative_log_likelihood(runner.decode(session, ids[i]), ids[i + 1]);
      ++report.predicted_tokens;
      progress.advance(i + 1, ids.size());
    }
    ++report.windows;
  }
  return report;
}

}  // namespace cortland
