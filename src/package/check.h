// Everything that can be wrong with a package, by rule.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace cortland {

struct Finding {
  std::string rule;     // "blob-offset", "state-shape", ...: stable, for scripts
  std::string where;    // file and offset, function, operation or value
  std::string message;  // what, got, want
};

struct Rule {
  std::string_view name;
  std::string_view summary;  // one line
};

// Every rule check_package() knows.
std::span<const Rule> package_rules();

// All findings, part by part of the package; empty when nothing is wrong. Never throws for a bad package: what cannot
// be read is a finding. Errors: not_found, io.
std::vector<Finding> check_package(const FileSystem& files, const std::string& path);

}  // namespace cortland
