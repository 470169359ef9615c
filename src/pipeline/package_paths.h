// Where a package, its text file and the bundle around them lie.
#pragma once

#include <string>

#include "base/file.h"

namespace cortland {

struct PackagePaths {
  std::string bundle;   // the folder NAME; empty when the package stands alone
  std::string package;  // NAME.mlpackage, or the first of the parts that a bundle has
  std::string text;     // NAME.text

  // What a user calls it.
  const std::string& shown() const { return bundle.empty() ? package : bundle; }
  // "a/NAME" of a package a/NAME.mlpackage.
  std::string stem() const;
  // The same in another bundle folder.
  PackagePaths moved_to(const std::string& folder) const;
};

// For a package that is to be written. `output` ends in .mlpackage, or in / for a bundle; empty: `name`.mlpackage.
// Errors: invalid for other names.
PackagePaths output_paths(const std::string& output, const std::string& name);

// For a package or a bundle that is there, or should be. Errors: corrupt for a bundle that does not tell its package.
PackagePaths find_package(const FileSystem& files, const std::string& path);

}  // namespace cortland
