// From tokenizer.json to the image that text/tokenizer.h runs.
#pragma once

#include <string>
#include <string_view>

#include "portable/result.h"

namespace cortland::text {

// `config`: tokenizer_config.json, or empty when there is none; with it, the result is what AutoTokenizer of
// transformers makes of the two. Truncation, padding and dropout are ignored. Fails for files that are damaged and, by
// name and JSON path, for what is not supported. The same files give the same bytes.
portable::Result<std::string> compile_tokenizer(std::string_view json, std::string_view config);

}  // namespace cortland::text
