// A model as it was written: one package, or those of a bundle that is cut into parts, and what the host looks up
// itself.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "host/contract.h"
#include "host/embedding_table.h"
#include "package/package.h"

namespace cortland {

struct PackagedModel {
  host::Contract contract;
  std::vector<std::string> paths;  // of the packages, as given
  std::vector<Package> packages;   // in the order of the model; all have the same contract
  std::shared_ptr<const InputFile> embedding_file;  // keeps the table alive
  std::optional<host::EmbeddingTable> embedding;    // where the host looks up rows

  // What was measured when the model was written stands in the package that was written last.
  const std::map<std::string, std::string>& metadata() const { return packages.back().metadata; }
  uint64_t weight_bytes() const;  // of all weight files, and of the embedding's file
  // Goes over to the smallest of its contexts with room for `tokens`. Errors: invalid when none has.
  void use_context(int64_t tokens);
};

// `package`: of the model, or any of its parts; the others lie beside it. `tokens`: as PackagedModel::use_context();
// the largest context unless given. Errors: as read_package(); corrupt or unsupported when the contract is missing,
// cannot be read or does not fit what lies there; invalid when no context has the room.
PackagedModel read_model(const FileSystem& files, const std::string& package, std::optional<int64_t> tokens = {});

// Where the packages of the model are that `package` belongs to. Errors: as read_package(). A package that has no
// contract stands alone.
std::vector<std::string> package_paths(const FileSystem& files, const std::string& package);

// The same of packages that lie somewhere else, in the order of the model, with a folder that has the file of the
// embedding.
PackagedModel read_model(const FileSystem& files, const std::vector<std::string>& packages, const std::string& folder);

}  // namespace cortland
