// The layout is described in writer.h.
#include "package/reader.h"

#include "base/error.h"
#include "package/decode.h"
#include "package/description.h"
#include "package/layout.h"
#include "package/manifest.h"
#include "package/model_message.h"
#include "package/weight_source.h"

namespace cortland {

Package read_package(const FileSystem& files, const std::string& path) {
  const auto kind = files.kind(path);
  require(kind.has_value(), ErrorCode::not_found, "{}: there is no such package", path);
  // A model of the older format is one file. What it is says more than that it is no folder.
  if (kind == FileKind::file && path.ends_with(kModelSuffix)) {
    try {
      ModelMessage message;
      parse_model(files.open(path)->map(), *message);
    } catch (const Error& error) {
      fail(error.code(), "{}: {}", path, error.what());
    }
  }
  require(kind == FileKind::directory, ErrorCode::corrupt, "{}: not a package; got a file, want a folder", path);
  const std::string manifest_path = join_path(path, kManifestName);
  require(files.kind(manifest_path) == FileKind::file, ErrorCode::corrupt, "{}: not a package; it has no {}", path,
          kManifestName);
  const Manifest manifest = parse_manifest(files.read_text(manifest_path), manifest_path);
  const std::string model_path = join_path(join_path(path, kDataFolder), manifest.model().path);
  require(files.kind(model_path) == FileKind::file, ErrorCode::corrupt, "{}: the model of the manifest is missing",
          model_path);
  WeightSource weights(files, parent_path(model_path));
  const BlobSource blobs = [&](const std::string& file, uint64_t offset, const mil::Type& type) {
    return weights.payload(file, offset, type);
  };
  try {
    ModelMessage message;
    parse_model(files.open(model_path)->map(), *message);
    Package package;
    package.program = decode_program(*message, blobs);
    decode_description(*message, &package);
    return package;
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", model_path, error.what());
  }
}

}  // namespace cortland
