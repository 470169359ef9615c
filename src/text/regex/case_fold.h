// (?i): what matches when case does not count, by full case folding.
#pragma once

#include <string>

#include "text/code_point_set.h"
#include "text/regex/node.h"

namespace cortland::text::regex {

// Adds every code point that folds to the same code point as a member.
void add_case_variants(CodePointSet& set);

// Code points in a row, whatever their case. "ss" matches "ß" and the other way round; where such runs overlap, the
// leftmost counts, as in Oniguruma.
Node case_insensitive(const std::u32string& codes);

// One code point of the set, whatever its case, or else what a member folds to: [ß] matches "ss".
Node case_insensitive(CodePointSet set);

}  // namespace cortland::text::regex
