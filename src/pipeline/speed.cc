#include "pipeline/speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "host/session.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"
#include "pipeline/quality.h"
#include "pipeline/runner.h"
#include "pipeline/unwrap.h"

namespace cortland {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void run_prompt(Runner& runner, const std::vector<int32_t>& ids) {
  host::Session session(runner.contract());
  for (const host::Call& call : unwrap(session.feed(ids, host::FeedEnd::more), ErrorCode::invalid)) {
    runner.run(session, call, {}, host::FeedEnd::more);
  }
}

void run_steps(Runner& runner, const std::vector<int32_t>& ids) {
  host::Session session(runner.contract());
  for (const int32_t id : ids) runner.decode(session, id);
}

SpeedSample measure(Runner& runner, int64_t tokens, int64_t repetitions, Progress& progress,
                    const std::function<void(Runner& runner, const std::vector<int32_t>& ids)>& round) {
  SpeedSample sample{.tokens = tokens, .seconds = {}};
  if (tokens == 0) return sample;
  const std::vector<int32_t> ids = random_ids(runner.contract().vocabulary, tokens);
  for (int64_t i = 0; i <= repetitions; ++i) {
    runner.clear_states();
    const auto start = Clock::now();
    round(runner, ids);
    if (i > 0) sample.seconds.push_back(seconds_since(start));
    progress.advance(static_cast<uint64_t>(i + 1), static_cast<uint64_t>(repetitions + 1));
  }
  return sample;
}

int64_t cut(int64_t tokens, int64_t context, std::string_view what, Progress& progress) {
  if (tokens <= context) return tokens;
  progress.note(fmt::format("{}: got {} tokens, and the context holds {}: so many are taken", what, tokens, context));
  return context;
}

}  // namespace

double SpeedSample::mean() const {
  const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  return total > 0 ? static_cast<double>(tokens) * static_cast<double>(seconds.size()) / total : 0;
}

double SpeedSample::deviation() const {
  if (seconds.size() < 2) return 0;
  double sum = 0, squares = 0;
  for (const double s : seconds) {
    const double rate = static_cast<double>(tokens) / s;
    sum += rate;
    squares += rate * rate;
  }
  const auto n = static_cast<double>(seconds.size());
  return std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1)));
}

SpeedReport measure_speed(const FileSystem& files, const SpeedRequest& request, Progress& progress) {
  require(request.prompt_tokens > 0 || request.new_tokens > 0, ErrorCode::invalid,
          "bench: got no tokens of a prompt and no new ones, want some of either");
  SpeedReport report;
  progress.stage("reading the package");
  const auto start = Clock::now();
  PackagedModel model = read_model(files, find_package(files, request.package).package, request.context);
  const int64_t most = std::max(request.prompt_tokens, request.new_tokens);
  if (!request.context) model.use_context(std::min(most, model.contract.contexts.back()));
  Runner runner(model, request.math);
  report.load_seconds = seconds_since(start);
  report.weight_bytes = model.weight_bytes();
  const int64_t context = runner.contract().context;
  const int64_t prompt = cut(request.prompt_tokens, context, "prompt", progress);
  const int64_t steps = cut(request.new_tokens, context, "new tokens", progress);
  progress.stage("reading prompts");
  report.prefill = measure(runner, prompt, request.repetitions, progress, run_prompt);
  progress.stage("decoding");
  report.decode = measure(runner, steps, request.repetitions, progress, run_steps);
  return report;
}

}  // namespace cortland
