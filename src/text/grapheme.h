// Extended grapheme clusters (UAX 29), short ones: what a reader takes for one character.
#pragma once

#include <cstddef>
#include <string_view>

namespace cortland::text {

// Where the cluster that begins at `begin` ends; `limit` or a little more when it is longer. Clusters of several emoji,
// flags, Hangul letters or Indic conjuncts, all of 6 bytes or more, are cut like separate characters.
size_t grapheme_end(std::string_view utf8, size_t begin, size_t limit);

}  // namespace cortland::text
