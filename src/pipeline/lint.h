// lint of packages on disk, and of those that were just converted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "lint/chip.h"
#include "lint/handbook.h"
#include "lint/lint.h"
#include "lint/rule.h"
#include "package/package.h"

namespace cortland {

struct LintRequest {
  std::string package;                  // a package or a bundle
  std::optional<lint::Unit> unit = {};  // none: that of the package
  const lint::Chip* chip = nullptr;     // nullptr: any
};

struct LintView {
  lint::Unit unit = lint::Unit::ane;
  std::vector<lint::Finding> findings;
};

// Errors: as read_package().
LintView lint_package(const FileSystem& files, const LintRequest& request);

// For the unit of its profile, any chip.
std::vector<lint::Finding> lint_converted(const Package& package);
// The same of parts; `names` says which one a finding is about, unless it is empty.
std::vector<lint::Finding> lint_converted(const std::vector<Package>& parts, const std::vector<std::string>& names);

// One line for each rule about sizes that is broken: what will probably happen, and what to choose instead.
std::vector<std::string> size_notes(const std::vector<lint::Finding>& findings);

}  // namespace cortland
