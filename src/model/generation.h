// The token ids that begin and end a text.
#pragma once

#include "base/json.h"
#include "model/config.h"
#include "model/spec.h"

namespace cortland {

// Replaces those ids of the spec that the file has. Rejects ids that are outside the vocabulary.
void read_token_ids(ConfigReader& config, ModelSpec& spec);

// A parsed generation_config.json, whose ids count more than those of config.json, as in transformers. Errors: corrupt.
void read_generation_config(const Json& json, ModelSpec& spec);

}  // namespace cortland
