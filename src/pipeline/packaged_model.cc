#include "pipeline/packaged_model.h"

#include "base/error.h"
#include "package/reader.h"
#include "package/writer.h"

namespace cortland {
namespace {

const std::string& contract_text(const Package& package) {
  const auto it = package.metadata.find(std::string(host::kContractKey));
  require(it != package.metadata.end(), ErrorCode::unsupported,
          "package: has no metadata entry {}; want a package that cortland wrote", host::kContractKey);
  return it->second;
}

host::Contract read_contract(const Package& package, std::optional<int64_t> tokens = {}) {
  auto contract = host::parse_contract(contract_text(package), tokens);
  require(static_cast<bool>(contract), ErrorCode::unsupported, "package: {}", contract ? "" : contract.message());
  return std::move(*contract);
}

}  // namespace

uint64_t PackagedModel::weight_bytes() const {
  uint64_t sum = embedding_file ? embedding_file->size() : 0;
  for (const Package& package : packages) sum += planned_weight_bytes(package);
  return sum;
}

std::vector<std::string> package_paths(const FileSystem& files, const std::string& package) {
  const Package first = read_package(files, package);
  const auto text = first.metadata.find(std::string(host::kContractKey));
  const auto contract = host::parse_contract(text == first.metadata.end() ? "" : text->second);
  if (!contract || contract->parts.empty()) return {package};
  std::vector<std::string> paths;
  for (const auto& part : contract->parts) paths.push_back(join_path(parent_path(package), part.package));
  return paths;
}

void PackagedModel::use_context(int64_t tokens) {
  require(tokens >= 1 && tokens <= contract.contexts.back(), ErrorCode::invalid,
          "{}: got a context of {} tokens, want at most {}; hint: convert with a larger --context", paths.front(),
          tokens, contract.contexts.back());
  contract = read_contract(packages.front(), tokens);
}

PackagedModel read_model(const FileSystem& files, const std::string& package, std::optional<int64_t> tokens) {
  PackagedModel model = read_model(files, package_paths(files, package), parent_path(package));
  if (tokens) model.use_context(*tokens);
  return model;
}

PackagedModel read_model(const FileSystem& files, const std::vector<std::string>& paths, const std::string& folder) {
  PackagedModel model;
  model.paths = paths;
  for (const std::string& path : paths) model.packages.push_back(read_package(files, path));
  model.contract = read_contract(model.packages.front());
  for (size_t i = 1; i < model.packages.size(); ++i) {
    require(contract_text(model.packages[i]) == contract_text(model.packages.front()), ErrorCode::corrupt,
            "{}: has another contract than {}; want parts of one model", model.paths[i], model.paths.front());
  }
  if (!model.contract.embedding_file) return model;
  model.embedding_file = files.open(join_path(folder, *model.contract.embedding_file));
  auto table = host::EmbeddingTable::open(model.embedding_file->map());
  require(static_cast<bool>(table), ErrorCode::corrupt, "{}: {}", model.embedding_file->path(),
          table ? "" : table.message());
  require(table->rows() == model.contract.vocabulary && table->width() == model.contract.embedding_size,
          ErrorCode::corrupt, "{}: got {} rows of {}, want {} of {}, as the package says", model.embedding_file->path(),
          table->rows(), table->width(), model.contract.vocabulary, model.contract.embedding_size);
  model.embedding = std::move(*table);
  return model;
}

}  // namespace cortland
