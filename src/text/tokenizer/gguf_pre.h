// The values of tokenizer.ggml.pre: names for the ways in which byte-level vocabularies cut text.
#pragma once

#include <string_view>

#include "portable/json.h"

namespace cortland::text {

struct GgufPre {
  portable::JsonValue normalizer, pre_tokenizer;  // as in tokenizer.json
  bool ignore_merges = false;
  bool add_bos = false;  // when the file does not say
};

// Fails for a name that is not known.
portable::Result<GgufPre> find_gguf_pre(std::string_view name);

}  // namespace cortland::text
