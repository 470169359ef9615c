// What methods and filters do to texts.
#pragma once

#include "text/template/value.h"

namespace cortland::text {

class Runtime;

enum class Side { left, right };
enum class Ends { left, right, both };
enum class Align { left, center, right };
enum class LineEnds { kept, dropped };

// REQUIRES, of all: `self` is a text.

// Without the characters of `set` at its ends; nullptr: without spaces.
Value strip_text(Runtime& runtime, const Value& self, Ends ends, const Text* set);
// A list of parts. `separator` nullptr: runs of spaces. At most `limit` splits from that side; negative: all.
Value split_text(Runtime& runtime, const Value& self, const Text* separator, int64_t limit, Side from);
Value split_lines(Runtime& runtime, const Value& self, LineEnds ends);
// The first `limit` of them; negative: all.
Value replace_text(Runtime& runtime, const Value& self, const Text& old_part, const Text& new_part, int64_t limit);
// Filled up to `width` characters. Fails when `fill` is not one character.
Value align_text(Runtime& runtime, const Value& self, Align align, int64_t width, std::string_view fill);

}  // namespace cortland::text
