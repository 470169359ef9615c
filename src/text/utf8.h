// UTF-8 text, well formed or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "portable/utf8.h"

namespace cortland::text {

using portable::append_utf8;

inline constexpr char32_t kReplacementCharacter = 0xFFFD;
inline constexpr char32_t kMaxCodePoint = 0x10FFFF;

struct Decoded {
  char32_t code;    // U+FFFD for a byte that begins no well-formed sequence
  uint32_t length;  // bytes; 1 for such a byte
  bool valid;
};

// The code point whose UTF-8 form begins at `at`. REQUIRES: at < text.size().
Decoded decode_utf8(std::string_view text, size_t at);

// Where the code point that ends at `at` begins, by the same rule. REQUIRES: 0 < at <= text.size().
size_t previous_code_point(std::string_view text, size_t at);

bool is_valid_utf8(std::string_view text);

// Well-formed text: each maximal part of a broken sequence becomes one U+FFFD (Unicode 3.9, table 3-8).
std::string repair_utf8(std::string_view text);

}  // namespace cortland::text
