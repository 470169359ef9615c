// The "post_processor" of tokenizer.json: which special tokens stand before and behind a text.
#pragma once

#include "text/tokenizer/draft.h"

namespace cortland::text {

// Fills in `before` and `after`. `json` may be null. Fails for a processor that is not known or that moves the text.
portable::Result<bool> read_post_processor(const portable::JsonValue& json, const std::string& path,
                                           TokenizerDraft& draft);

}  // namespace cortland::text
