#include "pipeline/perplexity.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"
#include "pipeline/runner.h"
#include "pipeline/text_model.h"
#include "pipeline/unwrap.h"
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
  PackagedModel model = read_model(files, request.paths.package, request.context);
  const int64_t largest = model.contract.contexts.back();
  if (!request.context) model.use_context(std::clamp<int64_t>(request.window.value_or(largest), 1, largest));
  const TextModel text(files, request.paths.text);
  Runner runner(model, request.math);
  const host::Contract& contract = runner.contract();
  text.check_contract(contract);
  PerplexityReport report;
  report.window = request.window.value_or(contract.context);
  require(report.window >= 2 && report.window <= contract.context, ErrorCode::invalid,
          "window: got {} tokens, want 2 to {}", report.window, contract.context);
  const std::vector<int32_t> ids = text.encode(
      files.read_text(request.file), {.add_special_tokens = false, .special_text = text::SpecialText::kPlain});
  report.tokens = ids.size();
  require(ids.size() > 1, ErrorCode::invalid, "{}: got {} tokens, want at least 2", request.file, ids.size());
  progress.stage("reading the text");
  const auto window = static_cast<size_t>(report.window), vocabulary = static_cast<size_t>(contract.vocabulary);
  for (size_t begin = 0; begin + 1 < ids.size(); begin += window) {
    const size_t last = std::min(begin + window, ids.size()) - 1;
    size_t next = begin + 1;
    const auto predict_next = [&](std::span<const float> rows) {
      for (; !rows.empty(); rows = rows.subspan(vocabulary)) {
        report.total_nll += negative_log_likelihood(rows.first(vocabulary), ids[next++]);
        ++report.predicted_tokens;
      }
      progress.advance(next - 1, ids.size());
    };
    host::Session session(contract);
    if (contract.has_flexible_calls()) {
      const auto known = std::span(ids).subspan(begin, last - begin);
      for (const host::Call& call : unwrap(session.feed({known.begin(), known.end()}), ErrorCode::invalid)) {
        predict_next(runner.run(session, call));
      }
    } else {
      for (size_t i = begin; i < last; ++i) predict_next(runner.decode(session, ids[i]));
    }
    ++report.windows;
  }
  return report;
}

}  // namespace cortland
