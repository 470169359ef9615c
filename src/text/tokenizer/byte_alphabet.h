// The alphabet of byte-level vocabularies: one printable character for each byte. 188 bytes stand for themselves as code
// points, the other 68 follow in order from U+0100 (the tokenizer of GPT-2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace cortland::text {

constexpr bool is_own_character(uint32_t code) {
  return (code >= 0x21 && code <= 0x7E) || (code >= 0xA1 && code <= 0xAC) || (code >= 0xAE && code <= 0xFF);
}

inline constexpr std::array<uint16_t, 256> kByteCharacters = [] {
  std::array<uint16_t, 256> table{};
  uint16_t next = 0x100;
  for (uint16_t byte = 0; byte < 256; ++byte) table[byte] = is_own_character(byte) ? byte : next++;
  return table;
}();

// Nothing for a code point outside the alphabet.
constexpr std::optional<uint8_t> byte_of_character(uint32_t code) {
  constexpr std::array<uint8_t, 68> kOthers = [] {
    std::array<uint8_t, 68> table{};
    for (size_t byte = 0; byte < 256; ++byte) {
      if (kByteCharacters[byte] >= 0x100) table[kByteCharacters[byte] - 0x100u] = static_cast<uint8_t>(byte);
    }
    return table;
  }();
  if (code < 0x100) return is_own_character(code) ? std::optional(static_cast<uint8_t>(code)) : std::nullopt;
  return code - 0x100 < kOthers.size() ? std::optional(kOthers[code - 0x100]) : std::nullopt;
}

}  // namespace cortland::text
