// The generation defaults of a text file: what generation_config.json or the makers of a model say, as numbers by key.
// Keys that only reasoning changes stand a second time, as "reasoning.KEY".
#pragma once

#include <string_view>
#include <vector>

#include "model/spec.h"
#include "text/generation_defaults.h"
#include "text/text_file.h"

namespace cortland {

// `config`: the text of generation_config.json, or empty. Errors: unsupported for values that are no such numbers.
std::vector<text::TextFile::Setting> generation_settings(std::string_view config, const ModelSpec& spec);

// The same read back.
text::SamplingOptions sampling_of(const text::TextFile& file, text::AnswerMode mode);

}  // namespace cortland
