// SHA-256, streaming.
#pragma once

#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/file.h"

namespace cortland {

class Sha256 : public Digest {
 public:
  Sha256() : Digest(DigestKind::sha256) {}
};

std::string sha256_of(std::string_view text);
std::string sha256_of(const InputFile& file);  // read in small pieces

}  // namespace cortland
