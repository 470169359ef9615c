// What the Hub says a repository holds: the reply to /api/models/ID/revision/REVISION?blobs=true,
//
//   {"sha": "COMMIT", "siblings": [{"rfilename": "config.json", "size": 651, "blobId": "GIT-SHA1"},
//                                  {"rfilename": "model.safetensors", "lfs": {"sha256": "...", "size": 99}, ...}], ...}
//
// Nothing in it is trusted: names stay below their folder, sizes are bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cortland {

struct RepositoryFile {
  std::string name;
  uint64_t size = 0;   // bytes
  std::string digest;  // sha256 (64 digits) of what LFS keeps, else git's sha1 (40 digits); empty: the Hub did not say
};

struct Listing {
  std::string commit;
  std::vector<RepositoryFile> files;

  const RepositoryFile* find(std::string_view name) const;
};

constexpr uint64_t kMaxRepositoryFile = uint64_t{1} << 40;

// Whether a file of this name can only lie below its folder.
bool is_safe_file_name(std::string_view name);
// Whether it is one of the two digests.
bool is_blob_digest(std::string_view text);

// Errors: corrupt.
Listing parse_listing(std::string_view text, const std::string& where);

}  // namespace cortland
