#include "hub/selection.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "hub/ascii.h"

namespace cortland {
namespace {

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kTokenizer = "tokenizer.json";

constexpr std::string_view kDescription[] = {"config.json",           "generation_config.json",  kTokenizer,
                                             "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
                                             "chat_template.jinja",   "chat_template.json",      "README.md"};
// What tokenizers were made of before tokenizer.json.
constexpr std::string_view kOldTokenizer[] = {"vocab.json", "merges.txt", "vocab.txt", "tokenizer.model"};

template <typename Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// LICENSE, LICENSE.txt, NOTICE.md, ... at the top of the repository.
bool is_legal(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return false;
  const std::string lower = lower_case(name);
  return lower.starts_with("license") || lower.starts_with("licence") || lower.starts_with("notice");
}

[[noreturn]] void fail_without_weights(const Listing& listing, const std::string& where) {
  for (const RepositoryFile& file : listing.files) {
    const bool pickled = file.name.ends_with(".bin") || file.name.ends_with(".pt") || file.name.ends_with(".pth");
    require(!pickled, ErrorCode::unsupported,
            "{}: weights are in {}, which can execute code when read; want {}; hint: look "
            "for a copy of the model in safetensors",
            where, printable(file.name), kSingle);
    require(!file.name.ends_with(".gguf"), ErrorCode::unsupported,
            "{}: has GGUF files; want {}; hint: download {} and give "
            "its path",
            where, kSingle, printable(file.name));
  }
  fail(ErrorCode::not_found, "{}: the repository has neither {} nor {}; want a language model", where, kSingle,
       kWeightIndex);
}

}  // namespace

std::vector<RepositoryFile> choose_description(const Listing& listing, const std::string& where) {
  const bool is_sharded = listing.find(kSingle) == nullptr;
  if (is_sharded && listing.find(kWeightIndex) == nullptr) fail_without_weights(listing, where);
  require(listing.find("config.json") != nullptr, ErrorCode::not_found,
          "{}: the repository has no config.json; want a model of the transformers library", where);
  const bool needs_old = listing.find(kTokenizer) == nullptr;
  std::vector<RepositoryFile> chosen;
  for (const RepositoryFile& file : listing.files) {
    const bool is_wanted = holds(kDescription, file.name) || is_legal(file.name) ||
                           (is_sharded && file.name == kWeightIndex) || (needs_old && holds(kOldTokenizer, file.name));
    if (is_wanted) chosen.push_back(file);
  }
  return chosen;
}

std::vector<RepositoryFile> choose_weights(const Listing& listing, std::string_view index, const std::string& where) {
  if (const RepositoryFile* single = listing.find(kSingle)) return {*single};
  const std::string place = where + ": " + kWeightIndex;
  const Json parsed = parse_json(index, place);
  const Json& map = json_member(parsed, "weight_map", place);
  require(map.is_object(), ErrorCode::corrupt, "{}: weight_map: want an object", place);
  std::set<std::string> names;
  for (const Json& name : map) names.insert(json_string(name, place + ": weight_map"));
  std::vector<RepositoryFile> chosen;
  for (const std::string& name : names) {
    const RepositoryFile* file = name.ends_with(".safetensors") ? listing.find(name) : nullptr;
    require(file != nullptr, ErrorCode::corrupt, "{}: names {}; want a safetensors file of the repository", place,
            printable(name));
    chosen.push_back(*file);
  }
  return chosen;
}

}  // namespace cortland
