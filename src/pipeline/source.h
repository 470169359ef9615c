// A checkpoint with everything that is derived from its config.
#pragma once

#include <memory>
#include <string>

#include "base/file.h"
#include "checkpoint/checkpoint.h"
#include "model/spec.h"
#include "model/weights.h"

namespace cortland {

struct SourceLocation {
  std::string folder;
  std::string id;        // to show: a Hub id, or the name of the folder
  std::string revision;  // the commit; empty for a folder

  bool is_from_hub() const { return !revision.empty(); }
};

// The last part of a path or Hub id. Where that is "." or "..", the folder itself is asked for its name.
std::string source_name(const std::string& source);

// `source` is a folder, a GGUF file, or "org/name" or "org/name@revision" of a model in the local Hugging Face cache.
// Errors: not_found.
SourceLocation locate_source(const FileSystem& files, const std::string& source);

struct SourceModel {
  SourceLocation location;
  ModelSpec spec;
  Checkpoint checkpoint;
  Weights weights;

  SourceModel(SourceLocation where, ModelSpec model, Checkpoint tensors)
      : location(std::move(where)), spec(std::move(model)), checkpoint(std::move(tensors)), weights(spec, checkpoint) {}
  SourceModel(const SourceModel&) = delete;
  SourceModel& operator=(const SourceModel&) = delete;
};

// Reads config.json and every header. Errors: not_found, corrupt, unsupported: with all reasons at once.
std::unique_ptr<SourceModel> open_source(const FileSystem& files, const std::string& source);

// The spec of config.json in a folder, with the token ids of generation_config.json where it is there.
ModelSpec read_config(const FileSystem& files, const std::string& folder);
// The same for an open checkpoint, whatever its form.
ModelSpec read_source_spec(const FileSystem& files, const Checkpoint& checkpoint);

}  // namespace cortland
