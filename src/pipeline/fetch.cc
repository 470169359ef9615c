#include "pipeline/fetch.h"

#include <optional>

#include "base/error.h"
#include "hub/download.h"
#include "hub/settings.h"

namespace cortland {
namespace {

// The snapshot that an earlier download left; refs/ is written when it is complete.
std::optional<SourceLocation> find_earlier(const HubSettings& settings, const HubReference& reference) {
  try {
    const Snapshot snapshot = find_snapshot(disk(), settings.cache_root, reference.id, reference.revision);
    return SourceLocation{snapshot.folder, reference.id, snapshot.commit};
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::unique_ptr<HubDownload> ask_hub(const HubSettings& settings, const HubReference& reference, Progress& progress) {
  const DownloadReports reports{
      .advance = [&](uint64_t received, uint64_t total) { progress.receive(received, total); },
      .note = [&](const std::string& line) { progress.note(line); },
      .detail = [&](const std::string& line) { progress.detail(line); }};
  return std::make_unique<HubDownload>(settings, reference, reports);
}

}  // namespace

SourceLocation fetch_source(const std::string& name, Progress& progress) {
  if (disk().kind(name).has_value()) return locate_source(disk(), name);
  const auto reference = parse_hub_reference(name);
  require(reference.has_value(), ErrorCode::invalid, "{}: got no folder and no name of a model, want org/name or "
          "org/name@revision; hint: names are on the page of the model on the Hub", printable(name));
  const HubSettings settings = read_hub_settings(disk());
  if (!settings.offline.empty()) {
    const auto earlier = find_earlier(settings, *reference);
    require(earlier.has_value(), ErrorCode::not_found,
            "{}: revision {} is not in the local Hugging Face cache ({}), and {} forbids "
            "to download it; hint: unset {}",
            reference->id, reference->revision, settings.cache_root, settings.offline, settings.offline);
    return *earlier;
  }
  progress.stage("asking the Hub for " + name);
  std::unique_ptr<HubDownload> download;
  try {
    download = ask_hub(settings, *reference, progress);
  } catch (const Error& error) {
    const auto earlier = error.code() == ErrorCode::io ? find_earlier(settings, *reference) : std::nullopt;
    if (!earlier) throw;
    progress.note(fmt::format("{}; using commit {} from the local cache", error.what(), earlier->revision));
    return *earlier;
  }
  progress.stage("downloading the description of " + name);
  read_config(disk(), download->fetch_description().folder);
  progress.stage("downloading the weights of " + name);
  const Snapshot snapshot = download->fetch_weights();
  return {snapshot.folder, reference->id, snapshot.commit};
}

}  // namespace cortland
