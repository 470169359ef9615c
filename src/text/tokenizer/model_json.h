// The "model" of tokenizer.json.
#pragma once

#include "text/tokenizer/draft.h"

namespace cortland::text {

// Fills in what the model says. Fails for a model that is neither BPE nor Unigram.
portable::Result<bool> read_model(const portable::JsonValue& json, const std::string& path, TokenizerDraft& draft);

}  // namespace cortland::text
