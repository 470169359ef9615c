#include "hub/snapshot_link.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"

namespace cortland {

namespace fs = std::filesystem;

void link_into_snapshot(const CacheLayout& layout, const std::string& commit, const RepositoryFile& file) {
  const std::string path = join_path(layout.snapshot(commit), file.name);
  disk().make_directories(parent_path(path));
  std::string target = "../../blobs/" + file.digest;
  for (auto slash = std::count(file.name.begin(), file.name.end(), '/'); slash > 0; --slash) target.insert(0, "../");
  std::error_code failed;
  if (fs::read_symlink(path, failed) == target) return;
  // Beside it and then over it: another program may be reading, or doing the same.
  const std::string beside = fmt::format("{}.{}.new", path, ::getpid());
  fs::remove(beside, failed);
  fs::create_symlink(target, beside, failed);
  if (failed) {
    failed.clear();
    fs::copy_file(join_path(layout.blobs(), file.digest), beside, failed);
  }
  if (!failed) fs::rename(beside, path, failed);
  require(!failed, ErrorCode::io, "{}: cannot make the link to the blob; {}", path, failed.message());
}

void write_ref(const CacheLayout& layout, const std::string& revision, const std::string& commit) {
  if (revision == commit) return;
  const std::string path = layout.ref(revision);
  disk().make_directories(parent_path(path));
  const std::string beside = fmt::format("{}.{}.new", path, ::getpid());
  disk().write_text(beside, commit);
  std::error_code failed;
  fs::rename(beside, path, failed);
  require(!failed, ErrorCode::io, "{}: cannot write; {}", path, failed.message());
}

}  // namespace cortland
