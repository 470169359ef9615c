// Text from a package: prompts in, tokens out, the cache kept between turns.
#pragma once

#include <cstdint>
#include <functional>
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
  // Errors: as read_model(), TextModel and Runner; invalid when the text belongs to another package.
  Generator(const FileSystem& files, const PackagePaths& paths, Math math);

  const host::Contract& contract() const { return runner_.contract(); }
  const TextModel& text() const { return text_; }

  // Continues the prompt. What the cache holds of it already is not computed again. `show` gets the text as it becomes
  // certain and returns false to end the answer. Errors: invalid for options out of range, for a prompt that is empty or
  // has no room in the context.
  GenerationResult generate(const GenerationRequest& request, const std::function<bool(std::string_view piece)>& show);

 private:
  // What is left of the prompt when the cache has its beginning.
  std::vector<int32_t> reuse(const std::vector<int32_t>& prompt);
  bool is_end(int32_t id) const;

  const PackagedModel model_;
  const TextModel text_;
  Runner runner_;
  host::Session session_;
};

}  // namespace cortland
