#include "hub/cache.h"

#include <algorithm>

#include "base/error.h"
#include "base/process.h"

namespace cortland {
namespace {

bool is_plain(std::string_view part) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !part.empty() && part.front() != '.' && std::all_of(part.begin(), part.end(), good);
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

bool is_hub_id(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_plain(text);
  return is_plain(text.substr(0, slash)) && is_plain(text.substr(slash + 1));
}

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
  std::string name = "models--" + id;
  if (const size_t slash = name.find('/'); slash != std::string::npos) name.replace(slash, 1, "--");
  const std::string model = join_path(root, name);
  require(files.kind(model) == FileKind::directory, ErrorCode::not_found,
          "{}: is neither a folder nor a model in the local Hugging Face cache ({}); hint: this version does not download; "
          "get the files with `hf download {}`, or give the path of a checkpoint folder", id, root, id);
  const std::string ref = join_path(join_path(model, "refs"), revision);
  // Without refs/, the revision is a commit itself.
  const bool has_ref = files.kind(ref) == FileKind::file;
  const std::string commit = has_ref ? trimmed(files.read_text(ref)) : revision;
  require(!has_ref || is_plain(commit), ErrorCode::corrupt, "{}: got \"{}\", want a commit", ref, printable(commit));
  const std::string folder = join_path(join_path(model, "snapshots"), commit);
  require(is_plain(commit) && files.kind(folder) == FileKind::directory, ErrorCode::not_found,
          "{}: revision {} is not in the local Hugging Face cache; want the folder {}; hint: get the files with `hf download "
          "{} --revision {}`", id, revision, folder, id, revision);
  return {folder, commit};
}

}  // namespace cortland
