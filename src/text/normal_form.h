// The four normalization forms of Unicode (UAX 15).
#pragma once

#include <string>
#include <string_view>

namespace cortland::text {

enum class NormalForm { kC, kD, kKc, kKd };

// A broken byte of `utf8` becomes U+FFFD.
std::string normalize(std::string_view utf8, NormalForm form);

}  // namespace cortland::text
