#include "base/sha256.h"

#include <algorithm>
#include <vector>

namespace cortland {

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.finish();
}

std::string sha256_of(const InputFile& file) {
  Sha256 hash;
  std::vector<std::byte> piece(1 << 20);
  for (uint64_t at = 0; at < file.size();) {
    const auto n = static_cast<size_t>(std::min<uint64_t>(piece.size(), file.size() - at));
    file.read(at, std::span(piece).first(n));
    hash.update(std::span(piece).first(n));
    at += n;
  }
  return hash.finish();
}

}  // namespace cortland
