// Brings what a conversion needs of a model from the Hub into the local cache, where other tools find it too. Files
// that are there are not asked for again; a download that was broken off goes on where it stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/cache.h"
#include "hub/http_client.h"
#include "hub/listing.h"
#include "hub/settings.h"

namespace cortland {

// What a download tells. What a function throws ends the work; what came so far stays.
struct DownloadReports {
  std::function<void(uint64_t received, uint64_t total)> advance;  // bytes of the current fetch; several times a second
  std::function<void(const std::string&)> note, detail;            // a line for everybody; one for --verbose
};

class HubDownload {
 public:
  // Asks the Hub which commit the revision is, and what it holds. Errors: invalid where the settings forbid the
  // network; otherwise as refusal.h and listing.h.
  HubDownload(const HubSettings& settings, const HubReference& reference, const DownloadReports& reports);

  // All but the weights, so that the caller can look at the config first. Errors: as choose_description(), HttpClient
  // and BlobWriter.
  Snapshot fetch_description();
  // The weights. The revision then stands in the cache. REQUIRES: fetch_description() before.
  Snapshot fetch_weights();

 private:
  std::string resolve_url(const std::string& name) const;
  void measure(std::vector<RepositoryFile>& files);
  void fetch(std::vector<RepositoryFile> files, uint64_t most_bytes);  // of each file
  void check_room(const std::vector<RepositoryFile>& missing) const;

  HubSettings settings_;
  HubReference reference_;
  DownloadReports reports_;
  CacheLayout layout_;
  HttpClient client_;
  Listing listing_;
  bool has_index_ = false;
};

}  // namespace cortland
