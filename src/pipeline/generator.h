// Text from a package: prompts in, tokens out, the cache kept between turns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "host/session.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"
#include "pipeline/runner.h"
#include "pipeline/text_model.h"
#include "text/sampler/options.h"

namespace cortland {

struct GenerationRequest {
  std::vector<int32_t> prompt;
  int64_t max_new_tokens = 0;  // 0: as many as the context has room for
  text::SamplingOptions sampling;
  std::vector<std::string> stop;
  text::DecodeOptions decode;
};

enum class FinishReason { eos, stop, length, context, cancelled };
std::string_view finish_reason_name(FinishReason reason);

struct GenerationResult {
  std::vector<int32_t> ids;  // without the one that ended it
  FinishReason reason = FinishReason::length;
  size_t prompt_tokens = 0;
  size_t reused_tokens = 0;  // of the prompt: they were in the cache
  double first_token_seconds = 0;
  double decode_seconds = 0;  // from the first token to the last

  double prompt_tokens_per_second() const;
  double tokens_per_second() const;
};

class Generator {
 public:
  // `tokens`: as read_model(). Errors: as read_model() and TextModel; invalid when the text belongs to another package.
  Generator(const FileSystem& files, const PackagePaths& paths, Math math, std::optional<int64_t> tokens = {});

  const host::Contract& contract() const { return model_.contract; }
  // As PackagedModel::use_context(). REQUIRES: nothing was generated yet.
  void use_context(int64_t tokens) { model_.use_context(tokens); }
  const TextModel& text() const { return text_; }

  // Continues the prompt. What the cache holds of it already is not computed again. `show` gets the text as it becomes
  // certain and returns false to end the answer. Errors: invalid for options out of range, for a prompt that is empty
  // or has no room in the context; at the first time as Runner.
  GenerationResult generate(const GenerationRequest& request, const std::function<bool(std::string_view piece)>& show);

 private:
  // What runs the model, and what was said so far; refers to the model.
  struct Running {
    Running(const PackagedModel& model, Math math) : runner(model, math), session(runner.contract()) {}
    Runner runner;
    host::Session session;
  };
  // What is left of the prompt when the cache has its beginning.
  std::vector<int32_t> reuse(const std::vector<int32_t>& prompt);
  bool is_end(int32_t id) const;

  PackagedModel model_;
  const TextModel text_;
  const Math math_;
  std::unique_ptr<Running> running_;  // from the first prompt on
};

}  // namespace cortland
