// Reads NAME.mlpackage; weights stay in the mapped weight file.
#pragma once

#include <string>

#include "base/file.h"
#include "package/package.h"

namespace cortland {

// Operations that this program does not know are kept, with row == nullptr; of control flow without what is inside.
// Errors: not_found; corrupt for bytes that break the format; unsupported for a model that is no ML Program.
Package read_package(const FileSystem& files, const std::string& path);

}  // namespace cortland
