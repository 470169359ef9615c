#include "base/error.h"

#include <algorithm>

namespace cortland {
namespace {

// Bytes of the UTF-8 character at `at`; 0 when none is well-formed there (RFC 3629, section 4).
size_t character_size(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const unsigned lead = byte(0), second = byte(1);
  const size_t size = lead < 0x80                    ? 1
                      : lead >= 0xc2 && lead <= 0xdf ? 2
                      : lead >= 0xe0 && lead <= 0xef ? 3
                      : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                     : 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second > 0x9f;
  const bool beyond = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || beyond ? 0 : size;
}

bool is_control(std::string_view character) {
  const auto byte = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return byte < 0x20 || byte == 0x7f;
  return byte == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::io: return "io";
  }
  return "unknown";
}

void fail_with(ErrorCode code, const std::string& message) { throw Error(code, message); }

std::string printable(std::string_view text, size_t max_size) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (i >= max_size) return out + "...";
    const size_t size = character_size(text, i);
    const std::string_view character = text.substr(i, std::max<size_t>(size, 1));
    if (size == 0 || is_control(character)) {
      for (const char c : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += character;
    }
    i += character.size();
  }
  return out;
}

}  // namespace cortland
