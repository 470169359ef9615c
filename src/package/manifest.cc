// The layout is described in manifest.h.
#include "package/manifest.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "package/layout.h"

namespace cortland {
namespace {

constexpr std::string_view kFormatVersion = "1.0.0";

// A UUID of version 8 (RFC 9562: contents of our own making) from a digest.
std::string identifier(std::string_view seed) {
  std::string hex = sha256_of(seed).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  for (const size_t dash : {20u, 16u, 12u, 8u}) hex.insert(dash, "-");
  return hex;
}

// Three numbers, not greater than 1.0.0.
void require_known_version(const std::string& version, std::string_view where) {
  int parts[3] = {};
  const char* at = version.data();
  const char* const end = at + version.size();
  for (int i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    const bool separated = i == 2 ? next == end : next != end && *next == '.';
    require(error == std::errc() && parts[i] >= 0 && separated, ErrorCode::corrupt,
            "{}: fileFormatVersion; got \"{}\", want \"{}\"", where, printable(version), kFormatVersion);
    at = next + (i == 2 ? 0 : 1);
  }
  const bool known = parts[0] < 1 || (parts[0] == 1 && parts[1] == 0 && parts[2] == 0);
  require(known, ErrorCode::unsupported, "{}: fileFormatVersion; got \"{}\", want at most \"{}\"", where, version,
          kFormatVersion);
}

}  // namespace

Manifest make_manifest(std::string_view model_bytes) {
  const std::string digest = sha256_of(model_bytes);
  const auto item = [](std::string_view name, std::string_view description) {
    return ManifestItem{std::string(kAuthor), std::string(description), std::string(name),
                        join_path(kAuthor, name)};
  };
  Manifest manifest{std::string(kFormatVersion), {}, identifier("model " + digest)};
  manifest.items[manifest.root] = item(kModelName, "CoreML Model Specification");
  manifest.items[identifier("weights " + digest)] = item(kWeightsName, "CoreML Model Weights");
  return manifest;
}

std::string print_manifest(const Manifest& manifest) {
  Json items = Json::object();
  for (const auto& [id, item] : manifest.items) {
    items[id] = {{"author", item.author}, {"description", item.description}, {"name", item.name}, {"path", item.path}};
  }
  const Json json = {{"fileFormatVersion", manifest.version},
                     {"itemInfoEntries", std::move(items)},
                     {"rootModelIdentifier", manifest.root}};
  return json_text(json, 4) + "\n";
}

Manifest parse_manifest(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  const auto member = [](const Json& value, std::string_view key, const std::string& path) {
    return json_string(json_member(value, key, path), path + ": " + std::string(key));
  };
  const std::string place(where);
  Manifest manifest{member(json, "fileFormatVersion", place), {}, member(json, "rootModelIdentifier", place)};
  require_known_version(manifest.version, where);
  const Json& items = json_member(json, "itemInfoEntries", where);
  require(items.is_object(), ErrorCode::corrupt, "{}: itemInfoEntries; want an object", where);
  for (const auto& [id, value] : items.items()) {
    const std::string path = place + ": item " + printable(id);
    ManifestItem item{member(value, "author", path), member(value, "description", path), member(value, "name", path),
                      member(value, "path", path)};
    require(is_inner_path(item.path), ErrorCode::corrupt, "{}: path; got \"{}\", want one below Data/", path,
            printable(item.path));
    manifest.items[id] = std::move(item);
  }
  require(manifest.items.count(manifest.root) != 0, ErrorCode::corrupt,
          "{}: rootModelIdentifier; got \"{}\", want the identifier of an item", where, printable(manifest.root));
  return manifest;
}

bool is_inner_path(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace cortland
