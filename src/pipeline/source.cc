#include "pipeline/source.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "hub/cache.h"
#include "model/activation_order.h"
#include "model/families.h"
#include "model/generation.h"
#include "model/gguf.h"

namespace cortland {

std::string source_name(const std::string& source) {
  const auto reference = parse_hub_reference(source);
  const std::string name = base_name(reference ? reference->id : source);
  if (name != "." && name != "..") return name;
  std::error_code failed;  // then there is no name, and opening the folder says why
  const std::filesystem::path path = std::filesystem::absolute(source, failed);
  return base_name(std::filesystem::weakly_canonical(path, failed).string());
}

SourceLocation locate_source(const FileSystem& files, const std::string& source) {
  require(!source.empty(), ErrorCode::invalid, "checkpoint: the name is empty; want a folder or a Hub id");
  if (files.kind(source).has_value()) return {source, source_name(source), ""};
  const auto reference = parse_hub_reference(source);
  require(reference.has_value(), ErrorCode::not_found,
          "{}: there is no such folder or file; want a Hugging Face checkpoint or a GGUF file", source);
  const Snapshot snapshot = find_snapshot(files, hub_cache_root(), reference->id, reference->revision);
  return {snapshot.folder, reference->id, snapshot.commit};
}

ModelSpec read_config(const FileSystem& files, const std::string& folder) {
  const std::string path = join_path(folder, "config.json");
  require(files.kind(folder) == FileKind::directory, ErrorCode::corrupt,
          "{}: is a file; want the folder of a Hugging Face checkpoint, or a file whose name ends in .gguf", folder);
  require(files.kind(path) == FileKind::file, ErrorCode::not_found,
          "{}: there is no such file; want the folder of a Hugging Face checkpoint", path);
  ModelSpec spec = read_spec(parse_json(files.read_text(path), path));
  const std::string generation = join_path(folder, "generation_config.json");
  if (files.kind(generation) == FileKind::file) {
    read_generation_config(parse_json(files.read_text(generation), generation), spec);
  }
  return spec;
}

ModelSpec read_source_spec(const FileSystem& files, const Checkpoint& checkpoint) {
  if (checkpoint.metadata() != nullptr) return read_gguf_spec(checkpoint);
  ModelSpec spec = read_config(files, checkpoint.folder());
  undo_activation_order(spec, checkpoint);
  return spec;
}

std::unique_ptr<SourceModel> open_source(const FileSystem& files, const std::string& source) {
  SourceLocation location = locate_source(files, source);
  // A config says sooner than the weights what is wrong.
  if (!is_gguf_name(location.folder)) read_config(files, location.folder);
  Checkpoint checkpoint = Checkpoint::open(files, location.folder);
  ModelSpec spec = read_source_spec(files, checkpoint);
  return std::make_unique<SourceModel>(std::move(location), std::move(spec), std::move(checkpoint));
}

}  // namespace cortland
