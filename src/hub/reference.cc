#include "hub/reference.h"

#include <algorithm>

#include "hub/ascii.h"

namespace cortland {
namespace {

bool is_plain_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_plain(std::string_view part) {
  return !part.empty() && part.front() != '.' && std::all_of(part.begin(), part.end(), is_plain_char);
}

}  // namespace

bool is_hub_id(std::string_view text) {
  // "--" stands for the slash in the cache.
  if (text.find("--") != std::string_view::npos) return false;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_plain(text);
  return is_plain(text.substr(0, slash)) && is_plain(text.substr(slash + 1));
}

bool is_hub_revision(std::string_view text) {
  constexpr size_t kMaxSize = 200;
  if (text.size() > kMaxSize || text.find("..") != std::string_view::npos) return false;
  const auto good = [](char c) { return is_plain_char(c) || c == '+' || c == '@'; };
  for (size_t begin = 0; begin <= text.size();) {
    const std::string_view part = text.substr(begin, text.find('/', begin) - begin);
    if (part.empty() || part.front() == '.' || !std::all_of(part.begin(), part.end(), good)) return false;
    begin += part.size() + 1;
  }
  return true;
}

bool is_commit(std::string_view text) { return text.size() == 40 && is_hexadecimal(text); }

std::optional<HubReference> parse_hub_reference(std::string_view text) {
  HubReference reference;
  const size_t at = text.find('@');
  reference.id = std::string(text.substr(0, at));
  if (at != std::string_view::npos) reference.revision = std::string(text.substr(at + 1));
  if (!is_hub_id(reference.id) || !is_hub_revision(reference.revision)) return std::nullopt;
  return reference;
}

std::string cache_folder_name(std::string_view id) {
  std::string name = "models--" + std::string(id);
  if (const size_t slash = name.find('/'); slash != std::string::npos) name.replace(slash, 1, "--");
  return name;
}

}  // namespace cortland
