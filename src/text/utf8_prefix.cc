#include "text/utf8_prefix.h"

namespace cortland::text {

Utf8Prefix utf8_prefix(std::string_view text, size_t at) {
  const auto byte_at = [&](size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned lead = byte_at(at);
  if (lead < 0x80) return {Utf8Prefix::Kind::kCharacter, 1};
  if (lead < 0xC2 || lead > 0xF4) return {Utf8Prefix::Kind::kInvalid, 1};
  const size_t size = utf8_size(text[at]);
  // The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF.
  unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < size; ++i) {
    if (at + i >= text.size()) return {Utf8Prefix::Kind::kCutOff, i};
    if (byte_at(at + i) < least || byte_at(at + i) > most) return {Utf8Prefix::Kind::kInvalid, i};
    least = 0x80;
    most = 0xBF;
  }
  return {Utf8Prefix::Kind::kCharacter, size};
}

void take_characters(std::string& bytes, std::string& out) {
  size_t at = 0;
  while (at < bytes.size()) {
    const Utf8Prefix prefix = utf8_prefix(bytes, at);
    if (prefix.kind == Utf8Prefix::Kind::kCutOff) break;
    out += prefix.kind == Utf8Prefix::Kind::kCharacter ? std::string_view(bytes).substr(at, prefix.size)
                                                       : kReplacementText;
    at += prefix.size;
  }
  bytes.erase(0, at);
}

}  // namespace cortland::text
