// The printable characters that byte-level vocabularies spell bytes with: 0x21-0x7E, 0xA1-0xAC and 0xAE-0xFF stand for
// themselves, the other 68 bytes for U+0100 onwards, in order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cortland::text {

// Appends the characters of all bytes; at most two bytes of UTF-8 for each.
void append_byte_characters(std::string_view bytes, std::string& out);

// The byte that a character stands for.
std::optional<uint8_t> byte_of_character(char32_t code);

}  // namespace cortland::text
