// What the environment says about the Hub, by the variables that every tool for it reads.
#pragma once

#include <chrono>
#include <string>

#include "base/file.h"

namespace cortland {

struct HubSettings {
  std::string endpoint = "https://huggingface.co";  // without a slash at its end
  std::string cache_root;
  std::string token;    // empty: none
  std::string ca_file;  // empty: the system's certificates
  std::string offline;  // the variable that forbids the network; empty: none does
  std::chrono::seconds patience{20};  // for a connection, and for one that brings less than 1 kB a second
};

// HF_ENDPOINT, HF_HUB_CACHE and those behind it, HF_TOKEN or the file where `hf auth login` keeps it, HF_HUB_OFFLINE,
// HF_HUB_DOWNLOAD_TIMEOUT, REQUESTS_CA_BUNDLE. Errors: invalid.
HubSettings read_hub_settings(const FileSystem& files);

}  // namespace cortland
