#include "pipeline/generator.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "pipeline/unwrap.h"
#include "text/detokenizer.h"
#include "text/sampler.h"
#include "text/stop_strings.h"

namespace cortland {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

std::string_view finish_reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::eos: return "eos";
    case FinishReason::stop: return "stop";
    case FinishReason::length: return "length";
    case FinishReason::context: return "context";
    case FinishReason::cancelled: return "cancelled";
  }
  return "";
}

double GenerationResult::prompt_tokens_per_second() const {
  return first_token_seconds > 0 ? static_cast<double>(prompt_tokens - reused_tokens) / first_token_seconds : 0;
}

double GenerationResult::tokens_per_second() const {
  return decode_seconds > 0 ? static_cast<double>(ids.size() - 1) / decode_seconds : 0;
}

Generator::Generator(const FileSystem& files, const PackagePaths& paths, Math math, std::optional<int64_t> tokens)
    : model_(read_model(files, paths.package, tokens)), text_(files, paths.text), math_(math) {
  text_.check_contract(contract());
}

std::vector<int32_t> Generator::reuse(const std::vector<int32_t>& prompt) {
  const std::vector<int32_t>& known = running_->session.ids();
  size_t common = 0;
  while (common < known.size() && common + 1 < prompt.size() && known[common] == prompt[common]) ++common;
  return {prompt.begin() + running_->session.rewind(static_cast<int64_t>(common)), prompt.end()};
}

bool Generator::is_end(int32_t id) const {
  const std::vector<int64_t>& eos = contract().eos;
  return std::find(eos.begin(), eos.end(), id) != eos.end();
}

GenerationResult Generator::generate(const GenerationRequest& request,
                                     const std::function<bool(std::string_view piece)>& show) {
  require(!request.prompt.empty(), ErrorCode::invalid, "prompt: is empty; want at least one token");
  require(static_cast<int64_t>(request.prompt.size()) < contract().context, ErrorCode::invalid,
          "prompt: got {} tokens, want fewer than the context of {}; hint: convert with a larger --context",
          request.prompt.size(), contract().context);
  text::Sampler sampler = unwrap(text::Sampler::make(request.sampling, contract().vocabulary), ErrorCode::invalid);
  text::StopStrings stop = unwrap(text::StopStrings::make(request.stop), ErrorCode::invalid);
  if (const auto failure = sampler.begin(request.prompt)) fail(ErrorCode::invalid, "{}", failure->message);
  text::DetokenizerStream stream(text_.tokenizer(), request.decode);

  GenerationResult result;
  result.prompt_tokens = request.prompt.size();
  if (!running_) running_ = std::make_unique<Running>(model_, math_);
  const auto started = Clock::now();
  Runner& runner = running_->runner;
  host::Session& session = running_->session;
  const std::vector<int32_t> rest = reuse(request.prompt);
  result.reused_tokens = request.prompt.size() - rest.size();
  std::vector<float> logits = runner.feed(session, rest);
  auto first = Clock::now();
  while (true) {
    const text::Logits view = {.data = logits.data(), .type = text::LogitType::fp32,
                               .count = static_cast<int64_t>(logits.size()), .stride = 1};
    const int32_t id = unwrap(sampler.sample(view), ErrorCode::invalid);
    if (result.ids.empty()) {
      result.first_token_seconds = seconds_since(started);
      first = Clock::now();
    }
    if (is_end(id)) {
      result.reason = FinishReason::eos;
      break;
    }
    result.ids.push_back(id);
    result.decode_seconds = seconds_since(first);
    const std::string piece = stop.add(stream.push(id));
    const bool goes_on = piece.empty() || show(piece);
    if (stop.matched()) {
      result.reason = FinishReason::stop;
      break;
    }
    if (!goes_on) {
      result.reason = FinishReason::cancelled;
      break;
    }
    if (static_cast<int64_t>(result.ids.size()) == request.max_new_tokens) break;
    if (session.room() == 0) {
      result.reason = FinishReason::context;
      break;
    }
    logits = runner.decode(session, id);
  }
  const std::string held = stop.add(stream.finish()) + stop.flush();
  if (!held.empty()) show(held);
  return result;
}

}  // namespace cortland
