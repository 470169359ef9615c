#include "hub/settings.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/process.h"
#include "hub/ascii.h"
#include "hub/cache.h"

namespace cortland {
namespace {

std::string first_of(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = environment(name); !value.empty()) return value;
  }
  return "";
}

bool is_on(const char* name) {
  const std::string value = lower_case(environment(name));
  return value == "1" || value == "on" || value == "yes" || value == "true";
}

// Where `hf auth login` puts the token.
std::string token_path() {
  if (std::string path = environment("HF_TOKEN_PATH"); !path.empty()) return path;
  if (const std::string home = environment("HF_HOME"); !home.empty()) return join_path(home, "token");
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty()) return join_path(xdg, "huggingface/token");
  return join_path(environment("HOME"), ".cache/huggingface/token");
}

std::string read_token(const FileSystem& files) {
  std::string token(trimmed(first_of({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})));
  std::string from = "HF_TOKEN";
  if (token.empty() && !is_on("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
    from = token_path();
    if (files.kind(from) == FileKind::file) {
      constexpr uint64_t kMaxTokenFile = 4096;
      require(files.open(from)->size() <= kMaxTokenFile, ErrorCode::invalid, "{}: is too long for a token", from);
      token = trimmed(files.read_text(from));
    }
  }
  // It becomes a line of a request.
  const bool good = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  require(good, ErrorCode::invalid, "{}: the token has characters that no token has; want letters, digits and '_'",
          from);
  return token;
}

std::string read_endpoint() {
  std::string endpoint = environment("HF_ENDPOINT");
  if (endpoint.empty()) return HubSettings{}.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const bool good = endpoint.starts_with("https://") || endpoint.starts_with("http://");
  require(good, ErrorCode::invalid, "HF_ENDPOINT: got {}, want an address that begins with https://",
          printable(endpoint));
  return endpoint;
}

std::chrono::seconds read_patience() {
  const std::string text = environment("HF_HUB_DOWNLOAD_TIMEOUT");
  if (text.empty()) return HubSettings{}.patience;
  int64_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool good = error == std::errc() && rest == text.data() + text.size() && seconds >= 1 && seconds <= 3600;
  require(good, ErrorCode::invalid, "HF_HUB_DOWNLOAD_TIMEOUT: got {}, want 1 to 3600 seconds", printable(text));
  return std::chrono::seconds(seconds);
}

}  // namespace

HubSettings read_hub_settings(const FileSystem& files) {
  HubSettings settings;
  settings.endpoint = read_endpoint();
  settings.cache_root = hub_cache_root();
  settings.token = read_token(files);
  settings.ca_file = first_of({"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"});
  for (const char* name : {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
    if (settings.offline.empty() && is_on(name)) settings.offline = name;
  }
  settings.patience = read_patience();
  return settings;
}

}  // namespace cortland
