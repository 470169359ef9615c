// How a model is meant to be sampled, and which tokens end its answers: from generation_config.json, or as its makers
// advise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "portable/json.h"
#include "portable/result.h"
#include "text/sampler/options.h"

namespace cortland::text {

enum class AnswerMode { direct, reasoning };

struct GenerationDefaults {
  enum class Source { file, published, none };

  SamplingOptions sampling;
  Source source = Source::none;  // of temperature, top_k, top_p and min_p; none: greedy
  std::vector<int32_t> eos;      // each of them ends an answer; ascending, none twice
  std::optional<int64_t> max_new_tokens;
};

struct GenerationContext {
  std::string model_type = "";                // of config.json; "" when unknown
  AnswerMode mode = AnswerMode::direct;       // for models that can do both
  std::vector<int32_t> config_eos = {};       // eos_token_id of config.json
  int64_t vocabulary = kMaxVocabulary;        // V
};

// The rules of transformers 4.57. A key that is missing or null leaves its step out, but:
// - Without do_sample, or when it is false, sampling is greedy: temperature, top_k, top_p and min_p do not matter.
// - Where top_k is missing it is 50; null or 0 turns it off. Some other programs read a missing top_k as off, too; 50
//   is what users of transformers get from the same file.
// - eos_token_id is an integer or a list; without it that of config.json counts.
// A file that says nothing about sampling (none of do_sample, temperature, top_k, top_p, min_p) leaves it to what is
// published for the model type and mode, and without that to greedy. Penalties of the file count in any case; the two
// that transformers does not have (presence_penalty, frequency_penalty) are those of SamplingOptions. Fails for values
// of the wrong kind or out of range. `config` is the parsed file, or null when there is none.
portable::Result<GenerationDefaults> read_generation_defaults(const portable::JsonValue& config,
                                                              const GenerationContext& context);

}  // namespace cortland::text
