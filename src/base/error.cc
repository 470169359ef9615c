#include "base/error.h"

namespace cortland {

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
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == max_size) return out + "...";
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace cortland
