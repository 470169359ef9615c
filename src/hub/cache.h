// The local Hugging Face cache, which other tools read and write too. Layout of its root:
//
//   models--ORG--NAME/refs/REVISION            text: the commit
//   models--ORG--NAME/blobs/DIGEST             a file: sha256 where the Hub keeps it in LFS, git's sha1 otherwise
//   models--ORG--NAME/blobs/DIGEST.incomplete  its beginning
//   models--ORG--NAME/snapshots/COMMIT/...     files of the repository, as links into blobs/
//   .locks/models--ORG--NAME/DIGEST.lock       locked with flock() by whoever writes the blob
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "hub/reference.h"

namespace cortland {

struct Snapshot {
  std::string folder;
  std::string commit;
};

// Where things of one model are.
struct CacheLayout {
  std::string root;
  std::string id;

  std::string model() const { return join_path(root, cache_folder_name(id)); }
  std::string ref(const std::string& revision) const { return join_path(join_path(model(), "refs"), revision); }
  std::string blobs() const { return join_path(model(), "blobs"); }
  std::string snapshot(const std::string& commit) const { return join_path(join_path(model(), "snapshots"), commit); }
  std::string lock(const std::string& digest) const {
    return join_path(join_path(join_path(root, ".locks"), cache_folder_name(id)), digest + ".lock");
  }
};

// HF_HUB_CACHE, or HUGGINGFACE_HUB_CACHE, or HF_HOME/hub, or XDG_CACHE_HOME/huggingface/hub, or
// ~/.cache/huggingface/hub.
std::string hub_cache_root();

// The snapshot of a Hub id in the cache. Errors: not_found, saying what would have to be there.
Snapshot find_snapshot(const FileSystem& files, const std::string& root, const std::string& id,
                       const std::string& revision = "main");

}  // namespace cortland
