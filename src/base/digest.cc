#include "base/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/error.h"

namespace cortland {

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
  const EVP_MD* method = kind == DigestKind::sha1 ? EVP_sha1() : EVP_sha256();
  require(EVP_DigestInit_ex(state_->context, method, nullptr) == 1, ErrorCode::io, "{} is not available",
          kind == DigestKind::sha1 ? "SHA-1" : "SHA-256");
}

Digest::~Digest() = default;

void Digest::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context, digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace cortland
