#include "capi/app/boundary.h"

#include <cortland/text.h>

#include "text/utf8_prefix.h"

namespace cortland::capi {

void report(std::string_view message, cortland_error* error) noexcept {
  if (error == nullptr) return;
  size_t size = 0;
  while (size < message.size()) {
    const text::Utf8Prefix next = text::utf8_prefix(message, size);
    if (size + next.size >= sizeof(error->message)) break;
    size += next.size;
  }
  // A message may quote a damaged file: what is no character becomes '?', so that every program can show it.
  for (size_t at = 0; at < size;) {
    const text::Utf8Prefix next = text::utf8_prefix(message, at);
    const bool good = next.kind == text::Utf8Prefix::Kind::kCharacter && message[at] != '\0';
    for (size_t end = at + next.size; at < end; ++at) error->message[at] = good ? message[at] : '?';
  }
  error->message[size] = '\0';
}

}  // namespace cortland::capi

uint32_t cortland_text_abi_version(void) noexcept { return CORTLAND_TEXT_ABI_VERSION; }
