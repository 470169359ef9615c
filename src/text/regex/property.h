// Named sets of code points: \p{...}, [:...:] and the one-letter classes.
#pragma once

#include <optional>
#include <string_view>

#include "text/code_point_set.h"

namespace cortland::text::regex {

// \p{name}: a general category (short or long name), a script or a POSIX name; case, spaces, '-' and '_' do not count.
std::optional<CodePointSet> find_property(std::string_view name);

// [:name:]. Differs from \p{name} for punct alone, which has the symbols here.
std::optional<CodePointSet> find_posix_bracket(std::string_view name);

CodePointSet word_set();
CodePointSet digit_set();
CodePointSet white_space_set();
CodePointSet hex_digit_set();

// What a \w outside of brackets and \b take for a word character: some more of Latin-1.
CodePointSet bare_word_set();

}  // namespace cortland::text::regex
