// Which files of a repository a conversion needs.
#pragma once

#include <string_view>
#include <vector>

#include "hub/listing.h"

namespace cortland {

// All but the weights: config.json, the index of shards, generation_config.json, what the tokenizer is made of, licence
// and model card. `where` opens messages. Errors: not_found without config.json or weights, unsupported without
// safetensors.
std::vector<RepositoryFile> choose_description(const Listing& listing, const std::string& where);

// The files of weights. `index` is the text of model.safetensors.index.json; empty where choose_description() had none.
// Errors: corrupt for an index that cannot be read or names what is not there.
std::vector<RepositoryFile> choose_weights(const Listing& listing, std::string_view index, const std::string& where);

constexpr uint64_t kMaxDescriptionFile = 256 << 20;  // bytes; the largest tokenizer.json known has 33 MB
constexpr const char* kWeightIndex = "model.safetensors.index.json";

}  // namespace cortland
