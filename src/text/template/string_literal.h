// The text between the quotes of a string, with Python's escapes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cortland::text {

// Nothing when an escape is incomplete or names no character.
std::optional<std::string> read_string_literal(std::string_view quoted);

}  // namespace cortland::text
