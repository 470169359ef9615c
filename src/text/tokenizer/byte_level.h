// ByteLevel of tokenizer.json: an optional space in front, words by the expression of GPT-2, bytes as characters.
#pragma once

#include <memory>

#include "text/tokenizer/component.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

std::unique_ptr<const PreTokenizer> make_byte_level(Component& component);

}  // namespace cortland::text
