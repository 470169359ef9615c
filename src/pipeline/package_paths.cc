#include "pipeline/package_paths.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "package/layout.h"

namespace cortland {
namespace {

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

PackagePaths lone_package(const std::string& package) {
  PackagePaths paths{.bundle = "", .package = package, .text = ""};
  paths.text = paths.stem() + ".text";
  return paths;
}

PackagePaths in_bundle(const std::string& folder, const std::string& package_name) {
  PackagePaths paths = lone_package(join_path(folder, package_name));
  paths.bundle = folder;
  return paths;
}

}  // namespace

PackagePaths PackagePaths::moved_to(const std::string& folder) const {
  return {
      .bundle = folder, .package = join_path(folder, base_name(package)), .text = join_path(folder, base_name(text))};
}

std::string PackagePaths::stem() const {
  std::string_view stem = package;
  if (stem.ends_with(kPackageSuffix)) stem.remove_suffix(kPackageSuffix.size());
  return std::string(stem);
}

PackagePaths output_paths(const std::string& output, const std::string& name) {
  const std::string path = output.empty() ? name + std::string(kPackageSuffix) : without_slashes(output);
  const bool is_package = path.ends_with(kPackageSuffix);
  require(is_package ? base_name(path) != kPackageSuffix : output.ends_with('/'), ErrorCode::invalid,
          "--output: got {}, want a name that ends in {}, or in / for a bundle", path, kPackageSuffix);
  return is_package ? lone_package(path) : in_bundle(path, base_name(path) + std::string(kPackageSuffix));
}

PackagePaths find_package(const FileSystem& files, const std::string& path) {
  const std::string folder = without_slashes(path), manifest = join_path(folder, kBundleManifestName);
  if (files.kind(folder) != FileKind::directory || files.kind(manifest) != FileKind::file) return lone_package(folder);
  const Json json = parse_json(files.read_text(manifest), manifest);
  const bool good = json.is_object() && json.contains("package") && json["package"].is_string();
  require(good, ErrorCode::corrupt, "{}: got no package, want \"package\": \"NAME.mlpackage\"", manifest);
  const auto name = json["package"].get<std::string>();
  require(name == base_name(name) && name.ends_with(kPackageSuffix), ErrorCode::corrupt,
          "{}: package: got {}, want the name of a package in this folder", manifest, printable(name));
  PackagePaths paths = in_bundle(folder, name);
  if (!json.contains("text") || !json["text"].is_string()) return paths;
  const auto text = json["text"].get<std::string>();
  require(text == base_name(text) && !text.empty(), ErrorCode::corrupt,
          "{}: text: got {}, want the name of a file in this folder", manifest, printable(text));
  paths.text = join_path(folder, text);
  return paths;
}

}  // namespace cortland
