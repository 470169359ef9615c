// The layout is described in writer.h; weight.bin in weight_file.h, Manifest.json in manifest.h.
#include "package/writer.h"

#include "package/description.h"
#include "package/encode.h"
#include "package/layout.h"
#include "package/manifest.h"
#include "package/model_message.h"
#include "package/staging.h"
#include "package/weight_stream.h"

namespace cortland {
namespace {

// Everything but the bytes of the weights.
class Texts {
 public:
  Texts(const Package& package, const WeightPlan& weights) {
    encode_model(package, weights, &*message_);
    print();
  }

  void add_metadata(const std::map<std::string, std::string>& entries) {
    for (const auto& [key, value] : entries) add_user_defined(key, value, &*message_);
    print();
  }

  std::string model, manifest;

 private:
  void print() {
    model = print_model(*message_);
    manifest = print_manifest(make_manifest(model));
  }

  ModelMessage message_;
};

WriteSummary summarize(const WeightPlan& weights, const Texts& texts) {
  return {.total_bytes = texts.model.size() + texts.manifest.size() + weights.file_size(),
          .weight_bytes = weights.file_size(),
          .blobs = weights.blobs().size()};
}

void write_texts(FileSystem& files, const std::string& folder, const Texts& texts) {
  files.write_text(model_path(folder), texts.model);
  files.write_text(join_path(folder, kManifestName), texts.manifest);
}

Staging::Existing existing(const WriteOptions& options) {
  return options.overwrite ? Staging::Existing::replace : Staging::Existing::refuse;
}

}  // namespace

void check_output(FileSystem& files, const std::string& path, const WriteOptions& options) {
  Staging::check(files, path, existing(options));
}

WriteSummary write_package(FileSystem& files, const std::string& path, const Package& package,
                           const WriteOptions& options) {
  Staging staging(files, path, existing(options));
  const WeightPlan plan(package.program);
  Texts texts(package, plan);  // before the weights: a package that cannot be described is refused at once
  const std::string& folder = staging.staged();
  files.make_directories(weights_folder(folder));
  const auto weights = files.create(weight_path(folder));
  write_weights(plan, *weights, options.progress);
  weights->close();
  write_texts(files, folder, texts);
  if (options.late_metadata) {
    texts.add_metadata(options.late_metadata(folder));
    write_texts(files, folder, texts);
  }
  // Inner folders first: a name is safe only when the folder that holds it is.
  for (std::string at = weights_folder(folder);; at = parent_path(at)) {
    files.sync_directory(at);
    if (at == folder) break;
  }
  staging.place();
  return summarize(plan, texts);
}

uint64_t planned_weight_bytes(const Package& package) { return WeightPlan(package.program).file_size(); }

WriteSummary plan_package(const Package& package) {
  const WeightPlan plan(package.program);
  return summarize(plan, Texts(package, plan));
}

}  // namespace cortland
