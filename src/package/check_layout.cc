// Manifest.json and the files of a package.
#include <algorithm>

#include "package/check_parts.h"
#include "package/layout.h"

namespace cortland {
namespace {

bool is_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// Visits every entry below `folder`.
template <typename Visit>
void for_each_entry(const FileSystem& files, const std::string& folder, const Visit& visit) {
  for (const std::string& name : files.list(folder)) {
    const std::string path = join_path(folder, name);
    const bool is_folder = files.kind(path) == FileKind::directory;
    visit(path, is_folder);
    if (is_folder) for_each_entry(files, path, visit);
  }
}

}  // namespace

std::optional<Manifest> check_manifest(const FileSystem& files, const std::string& package, Findings& findings) {
  const std::string path = join_path(package, kManifestName);
  if (files.kind(package) != FileKind::directory || files.kind(path) != FileKind::file) {
    findings.add("manifest", path, "is missing");
    return std::nullopt;
  }
  Manifest manifest;
  if (!findings.attempt("manifest", path, [&] { manifest = parse_manifest(files.read_text(path), path); })) {
    return std::nullopt;
  }
  bool has_weights = false;
  for (const auto& [id, item] : manifest.items) {
    const std::string place = join_path(join_path(package, kDataFolder), item.path);
    const auto kind = files.kind(place);
    const auto want = id == manifest.root ? FileKind::file : FileKind::directory;
    if (!kind) {
      findings.add("manifest-item", place, "is missing; item \"{}\" of the manifest", printable(item.name));
    } else if (kind != want && (id == manifest.root || item.name == kWeightsName)) {
      findings.add("manifest-item", place, "got a {}, want a {}", want == FileKind::file ? "folder" : "file",
                   want == FileKind::file ? "file" : "folder");
    }
    has_weights = has_weights || (item.name == kWeightsName && item.author == kAuthor);
  }
  if (!has_weights) {
    findings.add("manifest-item", path, "no item \"{}\" by {}, which Apple's tools look for", kWeightsName, kAuthor);
  }
  return manifest;
}

void check_files(const FileSystem& files, const std::string& package, const Manifest& manifest,
                 const std::vector<std::string>& weight_files, Findings& findings) {
  std::vector<std::string> known = weight_files;
  known.push_back(join_path(package, kManifestName));
  std::vector<std::string> folders;
  for (const auto& [id, item] : manifest.items) {
    const std::string path = join_path(join_path(package, kDataFolder), item.path);
    known.push_back(path);
    if (files.kind(path) == FileKind::directory && item.name != kWeightsName) folders.push_back(path);
  }
  // The weights folder may be there for nothing but the standard file.
  known.push_back(weight_path(package));
  for_each_entry(files, package, [&](const std::string& path, bool is_folder) {
    const auto covers = [&](const std::string& entry) { return entry == path || (is_folder && is_below(entry, path)); };
    if (std::any_of(known.begin(), known.end(), covers)) return;
    const auto inside = [&](const std::string& folder) { return is_below(path, folder); };
    if (std::any_of(folders.begin(), folders.end(), inside)) return;
    findings.add("extra-file", path, "nothing refers to this {}", is_folder ? "folder" : "file");
  });
}

}  // namespace cortland
