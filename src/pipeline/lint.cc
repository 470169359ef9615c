#include "pipeline/lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "lint/rules.h"
#include "package/reader.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"

namespace cortland {
namespace {

// Those of a part of a model say so.
void add_findings(std::vector<lint::Finding> findings, const std::string& part, std::vector<lint::Finding>& all) {
  for (lint::Finding& finding : findings) {
    if (!part.empty()) finding.where = finding.where.empty() ? part : part + ": " + finding.where;
    all.push_back(std::move(finding));
  }
}

}  // namespace

LintView lint_package(const FileSystem& files, const LintRequest& request) {
  const std::vector<std::string> paths = package_paths(files, find_package(files, request.package).package);
  LintView view;
  for (const std::string& path : paths) {
    const Package package = read_package(files, path);
    view.unit = request.unit.value_or(lint::unit_of(package));
    add_findings(lint::judge(package, {.unit = view.unit, .chip = request.chip}),
                 paths.size() == 1 ? "" : base_name(path), view.findings);
  }
  return view;
}

std::vector<lint::Finding> lint_converted(const Package& package) {
  return lint::judge(package, {.unit = lint::unit_of(package), .chip = nullptr});
}

std::vector<lint::Finding> lint_converted(const std::vector<Package>& parts, const std::vector<std::string>& names) {
  std::vector<lint::Finding> all;
  for (size_t i = 0; i < parts.size(); ++i) add_findings(lint_converted(parts[i]), names.empty() ? "" : names[i], all);
  return all;
}

std::vector<std::string> size_notes(const std::vector<lint::Finding>& findings) {
  std::vector<std::string> notes;
  for (const lint::Rule& rule : lint::size_rules()) {
    const auto is_broken = [&](const lint::Finding& f) {
      return f.rule == &rule && f.severity >= lint::Severity::warning;
    };
    const auto first = std::find_if(findings.begin(), findings.end(), is_broken);
    if (first == findings.end()) continue;
    const auto count = std::count_if(first, findings.end(), is_broken);
    notes.push_back(fmt::format("{}{}{}{}. {}. {} (lint {})", first->where, first->where.empty() ? "" : ": ",
                                first->message, count > 1 ? fmt::format(", and {} more", count - 1) : "", rule.why,
                                rule.advice, rule.id));
  }
  return notes;
}

}  // namespace cortland
