// The local Hugging Face cache, read only. Layout of its root:
//
//   models--ORG--NAME/refs/REVISION            text: the commit
//   models--ORG--NAME/snapshots/COMMIT/...     files of the repository, as links into blobs/
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"

namespace cortland {

struct Snapshot {
  std::string folder;
  std::string commit;
};

// Whether `text` is spelled like a Hub id: "org/name" or "name", letters, digits, '-', '_' and '.'.
bool is_hub_id(std::string_view text);

// HF_HUB_CACHE, or HUGGINGFACE_HUB_CACHE, or HF_HOME/hub, or XDG_CACHE_HOME/huggingface/hub, or ~/.cache/huggingface/hub.
std::string hub_cache_root();

// The snapshot of a Hub id in the cache. Errors: not_found, saying what would have to be there.
Snapshot find_snapshot(const FileSystem& files, const std::string& root, const std::string& id,
                       const std::string& revision = "main");

}  // namespace cortland
