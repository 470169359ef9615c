// How a model on the Hub is named.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cortland {

struct HubReference {
  std::string id;                 // "org/name" or "name"
  std::string revision = "main";  // a branch, a tag or a commit
};

// Whether `text` is spelled like a Hub id: "org/name" or "name", letters, digits, '-', '_' and '.', and no "--".
bool is_hub_id(std::string_view text);

// Whether `text` is spelled like the name of a branch, a tag or a commit.
bool is_hub_revision(std::string_view text);

// 40 hexadecimal digits.
bool is_commit(std::string_view text);

// "org/name" or "org/name@revision"; nullopt when `text` is not spelled so.
std::optional<HubReference> parse_hub_reference(std::string_view text);

// The folder of a model in the cache: "models--org--name".
std::string cache_folder_name(std::string_view id);

}  // namespace cortland
