// What stands behind a backslash, inside brackets and outside.
#pragma once

#include <optional>

#include "text/code_point_set.h"
#include "text/regex/cursor.h"

namespace cortland::text::regex {

// The cursor stands behind the backslash. \d \D \h \H \p{..} \P{..} \s \S \w \W; nothing for other letters, or when
// the cursor has failed.
std::optional<CodePointSet> parse_class_escape(Cursor& cursor);

// One code point: \n, \x41, \x{4E00}, \u4E00, \101, or a character that stands for itself. False when the cursor fails.
bool parse_character_escape(Cursor& cursor, char32_t& code);

}  // namespace cortland::text::regex
