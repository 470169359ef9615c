#include "text/base64.h"

#include <cstdint>

namespace cortland::text {
namespace {

constexpr uint32_t kNoDigit = 64;

uint32_t digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0') + 52;
  return c == '+' ? 62 : c == '/' ? 63 : kNoDigit;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (size_t at = 0; at < text.size(); at += 4) {
    uint32_t bits = 0;
    for (size_t i = at; i < at + 4; ++i) {
      const uint32_t digit = i >= text.size() - padding ? 0 : digit_of(text[i]);
      if (digit == kNoDigit) return std::nullopt;
      bits = bits << 6 | digit;
    }
    for (const uint32_t shift : {16u, 8u, 0u}) out += static_cast<char>(static_cast<unsigned char>(bits >> shift));
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace cortland::text
