#include "pipeline/licence.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/json.h"

namespace cortland {
namespace {

constexpr size_t kMaxCardBytes = 1 << 20;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool is_licence_file(const std::string& name) {
  constexpr std::array kNames = {"LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY"};
  const std::string word = upper(name);
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* known) { return word.starts_with(known); });
}

std::string trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\"'"), end = text.find_last_not_of(" \t\r\"'");
  return begin == std::string_view::npos ? "" : std::string(text.substr(begin, end - begin + 1));
}

// The value of a key at the top level of the YAML block that begins a model card. These keys have plain words.
std::string card_value(std::string_view card, std::string_view key) {
  if (!card.starts_with("---")) return "";
  card = card.substr(0, card.find("\n---", 3));
  while (!card.empty()) {
    const size_t end = std::min(card.find('\n'), card.size());
    const std::string_view line = card.substr(0, end);
    if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) return trim(line.substr(key.size() + 1));
    card.remove_prefix(std::min(end + 1, card.size()));
  }
  return "";
}

std::string metadata_value(const Json& metadata, const std::string& key) {
  const auto it = metadata.find(key);
  return it != metadata.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

Licence read_licence(const FileSystem& files, const SourceModel& source) {
  if (const Json* metadata = source.checkpoint.metadata()) {
    return {.id = metadata_value(*metadata, "general.license"),
            .name = metadata_value(*metadata, "general.license.name"),
            .link = metadata_value(*metadata, "general.license.link"),
            .files = {}};
  }
  Licence licence;
  const std::string& folder = source.location.folder;
  for (const std::string& name : files.list(folder)) {
    const std::string path = join_path(folder, name);
    if (is_licence_file(name) && files.kind(path) == FileKind::file) licence.files.push_back(path);
  }
  const std::string card = join_path(folder, "README.md");
  if (files.kind(card) == FileKind::file && files.open(card)->size() <= kMaxCardBytes) {
    const std::string text = files.read_text(card);
    licence.id = card_value(text, "license");
    licence.name = card_value(text, "license_name");
    licence.link = card_value(text, "license_link");
  }
  return licence;
}

}  // namespace cortland
