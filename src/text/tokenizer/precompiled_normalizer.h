// Precompiled of tokenizer.json: the character map of a SentencePiece model, in base64. Its bytes:
//   uint32 size of the trie in bytes, little-endian
//   the trie: a double array of uint32 units, from (parts of) graphemes to offsets
//   the strings that the offsets point to, each with a NUL behind it
#pragma once

#include <memory>

#include "text/tokenizer/component.h"
#include "text/tokenizer/normalizer.h"

namespace cortland::text {

std::unique_ptr<const Normalizer> make_precompiled_normalizer(Component& component);

}  // namespace cortland::text
