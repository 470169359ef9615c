// Writing UTF-8.
#pragma once

#include <string>

namespace cortland::portable {

// REQUIRES: code <= U+10FFFF. A surrogate is written like other code points of three bytes.
void append_utf8(char32_t code, std::string& out);

}  // namespace cortland::portable
