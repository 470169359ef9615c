// A file of the cache that comes piece by piece, perhaps over several runs: DIGEST.incomplete, renamed to DIGEST when
// it is whole and its digest is right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/digest.h"
#include "hub/listing.h"

namespace cortland {

// REQUIRES: the lock of the blob is held.
class BlobWriter {
 public:
  // Opens what an earlier run left, and hashes it; `tick` is called between pieces. Errors: io.
  BlobWriter(const std::string& folder, const RepositoryFile& file, const std::function<void()>& tick);
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;
  ~BlobWriter();  // what is not finished stays

  uint64_t size() const { return size_; }
  bool is_full() const { return size_ == file_.size; }

  // Errors: io, among them a full disk; corrupt beyond the size of the file.
  void append(std::span<const std::byte> bytes);
  // Drops what is there.
  void restart();
  // Whether the content is right. If so it now is at its final place, on stable storage; if not, it is dropped.
  // REQUIRES: is_full().
  bool finish();
  // Of the content that finish() dropped.
  const std::string& wrong_digest() const { return wrong_digest_; }

 private:
  void hash_existing(const std::function<void()>& tick);
  void begin_digest();

  RepositoryFile file_;
  std::string final_path_, path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  std::optional<Digest> digest_;
  std::string wrong_digest_;
};

}  // namespace cortland
