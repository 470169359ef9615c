// {"String": "..."} or {"Regex": "..."}: what Split and Replace look for.
#pragma once

#include <optional>
#include <string_view>

#include "text/regex/regex.h"
#include "text/tokenizer/component.h"

namespace cortland::text {

// Nothing, and a problem noted, when the member is neither or its expression does not compile.
std::optional<regex::Regex> read_pattern(Component& component, std::string_view key);

// Matches just this text.
std::string escape_regex(std::string_view text);

}  // namespace cortland::text
