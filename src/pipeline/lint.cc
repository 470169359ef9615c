#include "pipeline/lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "lint/rules.h"
#include "package/reader.h"
#include "pipeline/package_paths.h"

namespace cortland {

LintView lint_package(const FileSystem& files, const LintRequest& request) {
  const Package package = read_package(files, find_package(files, request.package).package);
  LintView view{.unit = request.unit.value_or(lint::unit_of(package)), .findings = {}};
  view.findings = lint::judge(package, {.unit = view.unit, .chip = request.chip});
  return view;
}

std::vector<lint::Finding> lint_converted(const Package& package) {
  return lint::judge(package, {.unit = lint::unit_of(package), .chip = nullptr});
}

std::vector<std::string> size_notes(const std::vector<lint::Finding>& findings) {
  std::vector<std::string> notes;
  for (const lint::Rule& rule : lint::size_rules()) {
    const auto is_broken = [&](const lint::Finding& f) { return f.rule == &rule && f.severity >= lint::Severity::warning; };
    const auto first = std::find_if(findings.begin(), findings.end(), is_broken);
    if (first == findings.end()) continue;
    const auto count = std::count_if(first, findings.end(), is_broken);
    notes.push_back(fmt::format("{}{}{}{}. {}. {} (lint {})", first->where, first->where.empty() ? "" : ": ", first->message,
                                count > 1 ? fmt::format(", and {} more", count - 1) : "", rule.why, rule.advice, rule.id));
  }
  return notes;
}

}  // namespace cortland
