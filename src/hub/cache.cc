#include "hub/cache.h"

#include "base/error.h"
#include "base/process.h"
#include "hub/ascii.h"

namespace cortland {
namespace {

bool is_folder_name(std::string_view text) { return is_hub_revision(text) && text.find('/') == std::string_view::npos; }

}  // namespace

std::string hub_cache_root() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string cache = environment(name); !cache.empty()) return cache;
  }
  if (const std::string home = environment("HF_HOME"); !home.empty()) return join_path(home, "hub");
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty()) return join_path(xdg, "huggingface/hub");
  return join_path(environment("HOME"), ".cache/huggingface/hub");
}

Snapshot find_snapshot(const FileSystem& files, const std::string& root, const std::string& id,
                       const std::string& revision) {
  const CacheLayout layout{root, id};
  require(
      files.kind(layout.model()) == FileKind::directory, ErrorCode::not_found,
      "{}: is neither a folder nor a model in the local Hugging Face cache ({}); hint: `cortland download {}` gets it, "
      "or give the path of a checkpoint folder",
      id, root, id);
  const std::string ref = layout.ref(revision);
  // Without refs/, the revision is a commit itself.
  const bool has_ref = files.kind(ref) == FileKind::file;
  const std::string text = has_ref ? files.read_text(ref) : revision;
  const std::string commit(trimmed(text));
  require(!has_ref || is_folder_name(commit), ErrorCode::corrupt, "{}: got \"{}\", want a commit", ref,
          printable(commit));
  const std::string folder = layout.snapshot(commit);
  require(is_folder_name(commit) && files.kind(folder) == FileKind::directory, ErrorCode::not_found,
          "{}: revision {} is not in the local Hugging Face cache; want the folder {}; hint: `cortland download {}@{}` "
          "gets it",
          id, revision, folder, id, revision);
  return {folder, commit};
}

}  // namespace cortland
