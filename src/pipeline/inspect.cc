#include "pipeline/inspect.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "mil/print.h"
#include "package/check.h"
#include "package/layout.h"
#include "package/reader.h"
#include "pipeline/interface_text.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"
#include "pipeline/source.h"

namespace cortland {
namespace {

template <typename Totals>
std::vector<DTypeTotal> listed(const Totals& totals) {
  std::vector<DTypeTotal> list;
  for (const auto& [dtype, total] : totals) list.push_back(total);
  std::sort(list.begin(), list.end(), [](const DTypeTotal& a, const DTypeTotal& b) { return a.bytes > b.bytes; });
  return list;
}

void add_to(std::map<std::string, DTypeTotal>& totals, const std::string& dtype, uint64_t bytes) {
  DTypeTotal& total = totals.try_emplace(dtype, DTypeTotal{dtype, 0, 0}).first->second;
  ++total.count;
  total.bytes += bytes;
}

FunctionView view_function(const Package& package, const mil::Function& function) {
  FunctionView view;
  view.name = function.name;
  view.opset = function.opset;
  view.text = mil::print_function(function);
  const auto entry = [&](mil::ValueId id) {
    return std::pair(function.value(id).name, border_type_text(package, function, id));
  };
  for (const mil::ValueId id : function.inputs) {
    (function.value(id).type.is_state ? view.states : view.inputs).push_back(entry(id));
  }
  for (const mil::ValueId id : function.outputs) view.outputs.push_back(entry(id));
  std::map<std::string, size_t> counts;
  for (const mil::Operation& operation : function.operations) ++counts[operation.type];
  view.operations.assign(counts.begin(), counts.end());
  std::stable_sort(view.operations.begin(), view.operations.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return view;
}

// Blobs by element type; one that several constants use counts once.
std::vector<DTypeTotal> weight_totals(const mil::Program& program) {
  std::map<std::string, DTypeTotal> totals;
  std::set<std::string> seen;
  const auto visit = [&](const mil::Argument& argument) {
    for (const mil::Binding& binding : argument.bindings) {
      const auto* payload = std::get_if<mil::PayloadPtr>(&binding);
      if (payload == nullptr || !seen.insert((*payload)->key()).second) continue;
      add_to(totals, std::string(name_of((*payload)->dtype())), (*payload)->size_bytes());
    }
  };
  for (const mil::Function& function : program.functions) {
    for (const mil::Operation& operation : function.operations) {
      for (const mil::Argument& argument : operation.inputs) visit(argument);
      for (const mil::Argument& argument : operation.attributes) visit(argument);
    }
  }
  return listed(totals);
}

}  // namespace

uint64_t tree_bytes(const FileSystem& files, const std::string& path) {
  if (files.kind(path) != FileKind::directory) return files.open(path)->size();
  uint64_t sum = 0;
  for (const std::string& name : files.list(path)) sum += tree_bytes(files, join_path(path, name));
  return sum;
}

bool is_package(const FileSystem& files, const std::string& path) {
  if (path.ends_with(".mlpackage") || path.ends_with(".mlpackage/")) return true;
  if (files.kind(path) != FileKind::directory) return false;
  return files.kind(join_path(path, kManifestName)) == FileKind::file ||
         files.kind(join_path(path, kBundleManifestName)) == FileKind::file;
}

namespace {

PackageView inspect_package(const FileSystem& files, const std::string& path) {
  require(files.kind(path).has_value(), ErrorCode::not_found, "{}: there is no such package", path);
  PackageView view;
  view.path = path;
  for (const Finding& finding : check_package(files, path)) {
    view.findings.push_back({finding.rule, finding.where, finding.message});
  }
  view.total_bytes = tree_bytes(files, path);
  try {
    const Package package = read_package(files, path);
    view.specification_version = package.specification_version;
    view.default_function = package.default_function;
    view.short_description = package.short_description;
    view.version = package.version_string;
    view.metadata = package.metadata;
    view.weights = weight_totals(package.program);
    for (const mil::Function& function : package.program.functions) {
      view.functions.push_back(view_function(package, function));
    }
    if (files.kind(weight_path(path)) == FileKind::file) view.weight_file_bytes = files.open(weight_path(path))->size();
  } catch (const Error& error) {
    if (view.findings.empty()) throw;  // otherwise the findings say it
  }
  return view;
}

}  // namespace

std::vector<PackageView> inspect_packages(const FileSystem& files, const std::string& source) {
  const PackagePaths paths = find_package(files, source);
  std::vector<std::string> packages = {paths.package};
  if (!paths.bundle.empty()) {
    try {
      packages = package_paths(files, paths.package);
    } catch (const Error&) {
      // It cannot be read, and its findings will say why.
    }
  }
  std::vector<PackageView> views;
  for (const std::string& package : packages) views.push_back(inspect_package(files, package));
  return views;
}

CheckpointView inspect_checkpoint(const FileSystem& files, const std::string& source) {
  const SourceLocation location = locate_source(files, source);
  CheckpointView view;
  const Checkpoint checkpoint = Checkpoint::open(files, location.folder);
  std::map<std::string, DTypeTotal> totals;
  for (const TensorEntry& entry : checkpoint.tensors()) {
    const std::string dtype(entry.type_name());
    add_to(totals, dtype, entry.size_bytes);
    view.total_bytes += entry.size_bytes;
    view.tensors.push_back({entry.name, dtype, to_string(entry.shape),
                            base_name(checkpoint.files()[entry.file]->path()), entry.size_bytes});
  }
  view.weights = listed(totals);
  try {
    const ModelSpec spec = read_source_spec(files, checkpoint);
    const Weights weights(spec, checkpoint);
    view.description = describe(spec);
    for (const std::string& name : weights.ignored()) view.description.push_back(name + " is not needed");
  } catch (const Error& error) {
    view.problems.emplace_back(error.what());
    view.failure = error.code();
  }
  return view;
}

}  // namespace cortland
