// UTF-8 that arrives in parts: whether the bytes so far are a character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cortland::text {

inline constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";  // U+FFFD

// How the bytes at `at` begin: one character, the start of one that the text cuts off, or neither.
struct Utf8Prefix {
  enum class Kind { kCharacter, kCutOff, kInvalid } kind;
  // Bytes of the character; else of the longest part that a character could begin with, at least 1.
  size_t size;
};
// REQUIRES: at < text.size().
Utf8Prefix utf8_prefix(std::string_view text, size_t at);

// Moves what is certain from `bytes` to `out`, each maximal wrong part as one U+FFFD (Unicode 3.9, table 3-8); the
// start of a character that may still become complete stays.
void take_characters(std::string& bytes, std::string& out);

// Bytes of the character that begins with `lead`, in well-formed text.
constexpr size_t utf8_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace cortland::text
