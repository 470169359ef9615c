#include "pipeline/bundle.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/sha256.h"
#include "package/layout.h"

namespace cortland {
namespace {

void list_files(const FileSystem& files, const std::string& folder, const std::string& prefix, OrderedJson& out) {
  for (const std::string& name : files.list(folder)) {
    const std::string path = join_path(folder, name), shown = join_path(prefix, name);
    if (files.kind(path) == FileKind::directory) {
      list_files(files, path, shown, out);
    } else {
      const auto file = files.open(path);
      out.push_back({{"path", shown}, {"bytes", file->size()}, {"sha256", sha256_of(*file)}});
    }
  }
}

}  // namespace

void copy_licence(FileSystem& files, const Licence& licence, const std::string& folder) {
  for (const std::string& path : licence.files) {
    const std::string target = join_path(folder, base_name(path));
    if (!files.kind(target)) files.write_text(target, files.read_text(path));
  }
}

void write_bundle_manifest(FileSystem& files, const std::string& folder, const std::string& package_name,
                           const std::string& text_name) {
  OrderedJson list = OrderedJson::array();
  list_files(files, folder, "", list);
  const OrderedJson manifest = {{"format", "cortland.bundle"},
                                {"version", 1},
                                {"package", package_name},
                                {"text", text_name.empty() ? OrderedJson(nullptr) : OrderedJson(text_name)},
                                {"files", list}};
  files.write_text(join_path(folder, kBundleManifestName), json_text(manifest, 2) + "\n");
  files.sync_directory(folder);
}

}  // namespace cortland
