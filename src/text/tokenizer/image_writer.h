// From a draft to the bytes of an image.
#pragma once

#include <string>

#include "text/tokenizer/draft.h"

namespace cortland::text {

// The same draft gives the same bytes. Fails for added tokens that are too long, special ids that do not exist, and for
// normalizers, pre-tokenizers and decoders that are not supported. `where` names the source in messages.
portable::Result<std::string> write_image(const TokenizerDraft& draft, const std::string& where);

}  // namespace cortland::text
