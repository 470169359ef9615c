// A character class in brackets.
#pragma once

#include "text/code_point_set.h"
#include "text/regex/cursor.h"

namespace cortland::text::regex {

struct Bracket {
  CodePointSet set;          // before the negation, so that case variants can be added to it
  bool is_negative = false;  // [^...]
};

struct BracketOptions {
  bool ignore_case = false;  // for classes in the class
  int depth = 0;             // of brackets and groups around it
};

// The cursor stands behind the '['. False when the cursor fails.
bool parse_bracket(Cursor& cursor, const BracketOptions& options, Bracket& bracket);

}  // namespace cortland::text::regex
