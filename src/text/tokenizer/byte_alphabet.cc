#include "text/tokenizer/byte_alphabet.h"


namespace cortland::text {
namespace {

constexpr bool stands_for_itself(uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

constexpr size_t kOthers = 68;

struct Alphabet {
  std::array<uint16_t, 256> characters{};
  std::array<uint8_t, kOthers> others{};  // [character - 0x100]
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  uint32_t count = 0;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    if (!stands_for_itself(byte)) alphabet.others[count] = static_cast<uint8_t>(byte);
    alphabet.characters[byte] = static_cast<uint16_t>(stands_for_itself(byte) ? byte : 0x100 + count++);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

void append_byte_characters(std::string_view bytes, std::string& out) {
  const size_t begin = out.size();
  out.resize(begin + 2 * bytes.size());
  char* at = out.data() + begin;
  for (const char c : bytes) {
    const uint32_t code = kAlphabet.characters[static_cast<unsigned char>(c)];
    if (code < 0x80) {
      *at++ = static_cast<char>(code);
    } else {
      *at++ = static_cast<char>(static_cast<unsigned char>(0xC0 | code >> 6));
      *at++ = static_cast<char>(static_cast<unsigned char>(0x80 | (code & 0x3F)));
    }
  }
  out.resize(static_cast<size_t>(at - out.data()));
}

std::optional<uint8_t> byte_of_character(char32_t code) {
  if (code < 0x100 && stands_for_itself(code)) return static_cast<uint8_t>(code);
  if (code >= 0x100 && code < 0x100 + kOthers) return kAlphabet.others[code - 0x100];
  return std::nullopt;
}

}  // namespace cortland::text
