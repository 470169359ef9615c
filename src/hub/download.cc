#include "hub/download.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "hub/blob_exchange.h"
#include "hub/metadata_exchange.h"
#include "hub/selection.h"
#include "hub/snapshot_link.h"
#include "hub/url.h"

namespace cortland {
namespace {

constexpr auto kLongDelay = std::chrono::seconds(5);
constexpr size_t kMaxListing = 32 << 20;

template <typename Exchanges>
void run_all(HttpClient& client, const Exchanges& exchanges, const std::function<void()>& tick) {
  std::vector<Exchange*> pointers;
  for (const auto& exchange : exchanges) pointers.push_back(exchange.get());
  client.run(pointers, tick);
}

}  // namespace

HubDownload::HubDownload(const HubSettings& settings, const HubReference& reference, const DownloadReports& reports)
    : settings_(settings), reference_(reference), reports_(reports), layout_{settings.cache_root, reference.id},
      client_(settings, reference, [this](const std::string& problem, std::chrono::milliseconds delay) {
        const auto& tell = delay < kLongDelay ? reports_.detail : reports_.note;
        tell(fmt::format("{}; the next try is in {:.1f} s", problem, std::chrono::duration<double>(delay).count()));
      }) {
  require(settings.offline.empty(), ErrorCode::invalid, "{}: the network is forbidden by {}; hint: unset it",
          reference.id, settings.offline);
  if (!settings.token.empty() && !settings.endpoint.starts_with("https://") && !is_loopback(settings.endpoint)) {
    reports_.note("the token is not sent: HF_ENDPOINT is not https");
  }
  const std::string url = fmt::format("{}/api/models/{}/revision/{}", settings.endpoint, encode_path(reference.id),
                                      encode_segment(reference.revision));
  const std::string text = client_.fetch_text(url + "?blobs=true", kMaxListing, [this] { reports_.advance(0, 0); });
  listing_ = parse_listing(text, shown_url(url));
  require(!is_commit(reference.revision) || listing_.commit == reference.revision, ErrorCode::corrupt,
          "{}: got commit {}, want {}", shown_url(url), listing_.commit, reference.revision);
  reports_.detail(fmt::format("{}: {} is commit {}", reference.id, reference.revision, listing_.commit));
}

Snapshot HubDownload::fetch_description() {
  std::vector<RepositoryFile> files = choose_description(listing_, reference_.id);
  has_index_ = false;
  for (const RepositoryFile& file : files) has_index_ = has_index_ || file.name == kWeightIndex;
  fetch(std::move(files), kMaxDescriptionFile);
  return {layout_.snapshot(listing_.commit), listing_.commit};
}

Snapshot HubDownload::fetch_weights() {
  const std::string folder = layout_.snapshot(listing_.commit);
  const std::string index = has_index_ ? disk().read_text(join_path(folder, kWeightIndex)) : "";
  fetch(choose_weights(listing_, index, reference_.id), kMaxRepositoryFile);
  write_ref(layout_, reference_.revision, listing_.commit);
  return {folder, listing_.commit};
}

std::string HubDownload::resolve_url(const std::string& name) const {
  return fmt::format("{}/{}/resolve/{}/{}", settings_.endpoint, encode_path(reference_.id), listing_.commit,
                     encode_path(name));
}

// Mirrors of the Hub may list names alone: then each file is asked for its size and digest.
void HubDownload::measure(std::vector<RepositoryFile>& files) {
  std::vector<std::unique_ptr<MetadataExchange>> exchanges;
  for (RepositoryFile& file : files) {
    if (!file.digest.empty()) continue;
    exchanges.push_back(std::make_unique<MetadataExchange>(file, resolve_url(file.name), listing_.commit));
  }
  run_all(client_, exchanges, [this] { reports_.advance(0, 0); });
}

void HubDownload::fetch(std::vector<RepositoryFile> files, uint64_t most_bytes) {
  measure(files);
  std::vector<RepositoryFile> missing;
  uint64_t total = 0, there = 0;
  for (const RepositoryFile& file : files) {
    require(file.size <= most_bytes, ErrorCode::corrupt, "{}: {}: got {} bytes, want {} at the most", reference_.id,
            printable(file.name), file.size, most_bytes);
    total += file.size;
    if (BlobExchange::is_there(layout_, file)) {
      there += file.size;
    } else {
      missing.push_back(file);
    }
  }
  check_room(missing);
  disk().make_directories(layout_.blobs());
  std::vector<std::unique_ptr<BlobExchange>> exchanges;
  const auto tick = [&] {
    uint64_t received = there;
    for (const auto& exchange : exchanges) received += exchange->received();
    reports_.advance(received, total);
  };
  const BlobExchange::Reports reports{tick, reports_.note};
  for (const RepositoryFile& file : missing) {
    reports_.detail(fmt::format("{}: {} bytes", file.name, file.size));
    exchanges.push_back(std::make_unique<BlobExchange>(layout_, file, resolve_url(file.name), reports));
  }
  run_all(client_, exchanges, tick);
  for (const RepositoryFile& file : files) link_into_snapshot(layout_, listing_.commit, file);
}

void HubDownload::check_room(const std::vector<RepositoryFile>& missing) const {
  uint64_t wanted = 0;
  for (const RepositoryFile& file : missing) {
    std::error_code failed;
    const uint64_t begun = std::filesystem::file_size(join_path(layout_.blobs(), file.digest + ".incomplete"), failed);
    wanted += file.size - (failed ? 0 : std::min(begun, file.size));
  }
  disk().make_directories(layout_.root);
  std::error_code failed;
  const auto space = std::filesystem::space(layout_.root, failed);
  require(failed || space.available >= wanted, ErrorCode::io,
          "{}: the download needs {} bytes more, the disk has {} left; hint: make "
          "room, or set HF_HUB_CACHE to a folder elsewhere",
          layout_.root, wanted, space.available);
}

}  // namespace cortland
