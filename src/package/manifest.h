// Manifest.json: which files of a package are what.
//
//   {"fileFormatVersion": "1.0.0",
//    "itemInfoEntries": {ID: {"author": ..., "description": ..., "name": ..., "path": relative to Data/}, ...},
//    "rootModelIdentifier": ID of model.mlmodel}
//
// IDs have the form of a UUID. Apple's readers find the weights by name and author.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cortland {

struct ManifestItem {
  std::string author, description, name;
  std::string path;  // relative to Data/
};

struct Manifest {
  std::string version;
  std::map<std::string, ManifestItem> items;  // by identifier
  std::string root;                           // identifier of the model

  // The item of the model. REQUIRES: parsed without error.
  const ManifestItem& model() const { return items.at(root); }
};

// The manifest of the packages written here; its identifiers derive from the bytes of the model.
Manifest make_manifest(std::string_view model_bytes);
std::string print_manifest(const Manifest& manifest);

// `where` opens every message. Errors: corrupt; unsupported for a newer version.
Manifest parse_manifest(std::string_view text, std::string_view where);

// Whether a path of a manifest or a blob reference stays inside its folder: relative, no empty, "." or ".." parts.
bool is_inner_path(std::string_view path);

}  // namespace cortland
