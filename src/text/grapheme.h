// Extended grapheme clusters (UAX 29): what a reader takes for one character.
#pragma once

#include <cstddef>
#include <string_view>

namespace cortland::text {

// Where the cluster that begins at `begin` ends. Flags, emoji joined to one and Indic conjuncts, which all take 6 bytes
// or more, are cut into their parts: who asks treats such long clusters by code point anyway.
size_t grapheme_end(std::string_view utf8, size_t begin);

}  // namespace cortland::text
