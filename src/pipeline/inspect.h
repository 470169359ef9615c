// What is in a package or a checkpoint, as plain data for printing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace cortland {

struct DTypeTotal {
  std::string dtype;
  uint64_t count = 0;  // of tensors
  uint64_t bytes = 0;
};

struct FunctionView {
  std::string name, opset;
  std::vector<std::pair<std::string, std::string>> inputs, outputs, states;  // name and type
  std::vector<std::pair<std::string, size_t>> operations;  // kinds with their counts, most frequent first
  std::string text;                                                          // the whole function, readable
};

struct FindingView {
  std::string rule, where, message;
};

struct PackageView {
  std::string path;
  int specification_version = 0;
  std::string default_function, short_description, version;
  std::vector<FunctionView> functions;
  std::vector<DTypeTotal> weights;
  uint64_t weight_file_bytes = 0, total_bytes = 0;
  std::map<std::string, std::string> metadata;
  std::vector<FindingView> findings;  // what is wrong; a package that cannot be read has nothing but these
};

struct CheckpointView {
  std::vector<std::string> description;  // of the model, one line per fact; empty when it is not supported
  std::vector<std::string> problems;     // why not
  std::optional<ErrorCode> failure;      // what convert would fail with; none when there are no problems
  struct Tensor {
    std::string name, dtype, shape, file;
    uint64_t bytes = 0;
  };
  std::vector<Tensor> tensors;
  std::vector<DTypeTotal> weights;
  uint64_t total_bytes = 0;
};

// Whether `path` is a package (a folder with a manifest, or a name that ends in .mlpackage) or a bundle. Errors:
// not_found.
bool is_package(const FileSystem& files, const std::string& path);

// Of all files below a path, or of the file that it is.
uint64_t tree_bytes(const FileSystem& files, const std::string& path);

// A package, or all parts of a model that a bundle has.
std::vector<PackageView> inspect_packages(const FileSystem& files, const std::string& source);

// `source` is a folder or a Hub id. Errors: as Checkpoint::open().
CheckpointView inspect_checkpoint(const FileSystem& files, const std::string& source);

}  // namespace cortland
