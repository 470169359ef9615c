#include "pipeline/model_diff.h"

#include <algorithm>

#include "base/error.h"
#include "base/sha256.h"
#include "lower/embedding_table.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"

namespace cortland {
namespace {

// A model as it lies on disk. A part that is named itself is a package like any other.
struct ModelSide {
  PackagePaths paths;
  std::vector<std::string> packages;

  ModelSide(const FileSystem& files, const std::string& path) : paths(find_package(files, path)) {
    packages = paths.bundle.empty() ? std::vector{paths.package} : package_paths(files, paths.package);
  }
  bool is_cut() const { return packages.size() > 1; }
  std::optional<std::string> find(const std::string& name) const {
    const auto has_name = [&](const std::string& package) { return base_name(package) == name; };
    const auto it = std::find_if(packages.begin(), packages.end(), has_name);
    return it == packages.end() ? std::nullopt : std::optional(*it);
  }
};

std::optional<EmbeddingDiff> diff_embeddings(const FileSystem& files, const std::array<const ModelSide*, 2>& sides) {
  EmbeddingDiff diff;
  for (size_t i = 0; i < sides.size(); ++i) {
    const std::string path = join_path(sides[i]->paths.bundle, kEmbeddingFile);
    if (sides[i]->paths.bundle.empty() || files.kind(path) != FileKind::file) continue;
    const auto file = files.open(path);
    diff.bytes[i] = file->size();
    diff.digests[i] = sha256_of(*file);
  }
  return diff.digests[0].empty() && diff.digests[1].empty() ? std::nullopt : std::optional(diff);
}

}  // namespace

bool ModelDiff::is_equal() const {
  return only_first.empty() && only_second.empty() && (!embedding || embedding->is_equal()) &&
         std::all_of(parts.begin(), parts.end(), [](const PartDiff& part) { return part.view.is_equal(); });
}

std::map<WeightRelation, size_t> ModelDiff::weight_counts() const {
  std::map<WeightRelation, size_t> counts;
  for (const PartDiff& part : parts) {
    for (const auto& [relation, count] : part.view.weight_counts) counts[relation] += count;
  }
  return counts;
}

std::array<PackageSizes, 2> ModelDiff::sizes() const {
  std::array<PackageSizes, 2> sums;
  for (size_t i = 0; i < sums.size(); ++i) {
    for (const PartDiff& part : parts) {
      const PackageSizes& size = part.view.sizes[i];
      sums[i].total += size.total;
      sums[i].model += size.model;
      sums[i].weights += size.weights;
    }
    if (embedding) sums[i].total += embedding->bytes[i];
  }
  return sums;
}

ModelDiff diff_models(const FileSystem& files, const std::string& first, const std::string& second) {
  const ModelSide a(files, first), b(files, second);
  ModelDiff diff;
  diff.embedding = diff_embeddings(files, {&a, &b});
  if (!a.is_cut() && !b.is_cut()) {
    diff.parts.push_back({"", diff_packages(files, a.packages.front(), b.packages.front())});
    return diff;
  }
  require(a.is_cut() && b.is_cut(), ErrorCode::unsupported,
          "{}: is cut into parts, and {} is not; hint: name a part: {}", a.is_cut() ? first : second,
          a.is_cut() ? second : first, (a.is_cut() ? a : b).packages.front());
  for (const std::string& package : a.packages) {
    const std::string name = base_name(package);
    if (const auto other = b.find(name)) {
      diff.parts.push_back({name, diff_packages(files, package, *other)});
    } else {
      diff.only_first.push_back(name);
    }
  }
  for (const std::string& package : b.packages) {
    if (!a.find(base_name(package))) diff.only_second.push_back(base_name(package));
  }
  require(!diff.parts.empty(), ErrorCode::unsupported, "{} and {}: have no part of the same name; got {} and {}", first,
          second, base_name(a.packages.front()), base_name(b.packages.front()));
  return diff;
}

}  // namespace cortland
