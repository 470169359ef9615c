#include "text/utf8.h"

namespace cortland::text {
namespace {

uint32_t byte_at(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_continuation(uint32_t byte) { return (byte & 0xC0) == 0x80; }

struct Lead {
  uint32_t length;       // of the sequence; 0 for a byte that begins none
  uint32_t first, last;  // what the second byte may be
};

Lead lead_of(uint32_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte < 0xF0) return {3, byte == 0xE0 ? 0xA0u : 0x80u, byte == 0xED ? 0x9Fu : 0xBFu};
  return {4, byte == 0xF0 ? 0x90u : 0x80u, byte == 0xF4 ? 0x8Fu : 0xBFu};
}

// How many of the bytes at `at` belong to a sequence, whole or cut short; at least 1.
uint32_t well_formed_part(std::string_view text, size_t at, const Lead& lead) {
  uint32_t length = 1;
  if (lead.length < 2) return length;
  const uint32_t second = byte_at(text, at + 1);
  if (second < lead.first || second > lead.last) return length;
  for (length = 2; length < lead.length && is_continuation(byte_at(text, at + length));) ++length;
  return length;
}

}  // namespace

Decoded decode_utf8(std::string_view text, size_t at) {
  const uint32_t byte = byte_at(text, at);
  if (byte < 0x80) return {byte, 1, true};
  const Lead lead = lead_of(byte);
  if (lead.length == 0 || well_formed_part(text, at, lead) < lead.length) return {kReplacementCharacter, 1, false};
  char32_t code = byte & (0xFFu >> (lead.length + 1));
  for (uint32_t i = 1; i < lead.length; ++i) code = code << 6 | (byte_at(text, at + i) & 0x3F);
  return {code, lead.length, true};
}

size_t previous_code_point(std::string_view text, size_t at) {
  size_t lead = at - 1;
  while (lead > 0 && at - lead < 4 && is_continuation(byte_at(text, lead))) --lead;
  return lead + decode_utf8(text, lead).length == at ? lead : at - 1;
}

bool is_valid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    if (!decoded.valid) return false;
    at += decoded.length;
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    if (decoded.valid) {
      out.append(text, at, decoded.length);
      at += decoded.length;
    } else {
      append_utf8(kReplacementCharacter, out);
      at += well_formed_part(text, at, lead_of(byte_at(text, at)));
    }
  }
  return out;
}

}  // namespace cortland::text
