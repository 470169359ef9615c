// Base64 with the standard alphabet and padding (RFC 4648 section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cortland::text {

// Nothing for a character outside the alphabet, for a length that is no multiple of four, and for misplaced padding.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace cortland::text
