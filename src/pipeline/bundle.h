// A bundle: a folder with a package and everything that goes with it.
//
//   NAME.mlpackage, or body-1.mlpackage, ..., head.mlpackage of a model that is cut into parts
//   embedding.table  where the host looks up the rows of ids (host/embedding_table.h)
//   NAME.text
//   README.md        the model card
//   LICENSE, ...     of the checkpoint
//   cortland.json    {"format": "cortland.bundle", "version": 1, "package" (of parts: the first), "text",
//                     "files": [{"path", "bytes", "sha256"}]}: every other file, by path
#pragma once

#include <string>

#include "base/file.h"
#include "pipeline/licence.h"

namespace cortland {

// Copies the files of the licence into a bundle. Those whose names the bundle needs itself are left out.
void copy_licence(FileSystem& files, const Licence& licence, const std::string& folder);

// Writes cortland.json for what the folder holds and puts it on stable storage.
void write_bundle_manifest(FileSystem& files, const std::string& folder, const std::string& package_name,
                           const std::string& text_name);

}  // namespace cortland
