// SHA-256 and SHA-1, streaming. SHA-1 is here for git's names of files, not for security.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace cortland {

enum class DigestKind { sha1, sha256 };

class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  void update(std::span<const std::byte> bytes);
  // 40 or 64 lower-case hexadecimal digits. REQUIRES: called once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cortland
