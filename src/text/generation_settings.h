// The generation defaults as a text file holds them: numbers by key. The keys are those of generation_config.json, and
// "reasoning.KEY" where an answer with reasoning is sampled otherwise.
#pragma once

#include <vector>

#include "portable/result.h"
#include "text/generation_defaults.h"
#include "text/text_file.h"

namespace cortland::text {

// `direct` and `reasoning`: the defaults of the same model for both modes; they differ in nothing but `sampling`.
std::vector<TextFile::Setting> write_generation_settings(const GenerationDefaults& direct,
                                                         const GenerationDefaults& reasoning);

// The same read back; `source` is Source::file when the file says a temperature, and without one sampling is greedy.
// Without "eos_token_id" the special tokens of the role "eos" end an answer. Fails for what is out of range.
portable::Result<GenerationDefaults> read_generation_settings(const TextFile& file, AnswerMode mode);

}  // namespace cortland::text
