// What differs between two models: two packages, or two bundles that are cut into parts, part by part.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/diff.h"

namespace cortland {

struct PartDiff {
  std::string name;  // "body-1.mlpackage"; empty where each side is one package
  DiffView view;
};

// The table of the embedding, where a side has one: its bytes, and its SHA-256; 0 and empty for the other.
struct EmbeddingDiff {
  std::array<uint64_t, 2> bytes = {};
  std::array<std::string, 2> digests;
  bool is_equal() const { return digests[0] == digests[1]; }
};

struct ModelDiff {
  std::vector<PartDiff> parts;                       // that both have, in the order of the first
  std::vector<std::string> only_first, only_second;  // parts
  std::optional<EmbeddingDiff> embedding;
  bool is_cut() const { return !parts.empty() && !parts.front().name.empty(); }
  bool is_equal() const;
  // Of the parts that both have.
  std::map<WeightRelation, size_t> weight_counts() const;
  // Of these and of the embedding.
  std::array<PackageSizes, 2> sizes() const;
};

// Both are packages or bundles; parts are matched by their names. Errors: as diff_packages(); unsupported when just one
// of them is cut into parts, or when they have no part in common.
ModelDiff diff_models(const FileSystem& files, const std::string& first, const std::string& second);

}  // namespace cortland
