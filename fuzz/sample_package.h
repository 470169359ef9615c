// Good packages in memory, one file of which is the input.
#pragma once

#include <string>
#include <string_view>

#include "base/memory_file.h"
#include "package/package.h"

namespace cortland {

// y = x * a + b with two blobs: a package whose weight file matters more than its model.
Package two_blobs();

inline constexpr const char* kSamplePath = "sample.mlpackage";
inline constexpr const char* kSampleModel = "sample.mlpackage/Data/com.apple.CoreML/model.mlmodel";
inline constexpr const char* kSampleWeights = "sample.mlpackage/Data/com.apple.CoreML/weights/weight.bin";

// The files of a package, by path.
std::map<std::string, std::string> files_of(const Package& package);

// Replaces `path` by `contents` in the files of a package; then reads, prints, lints and checks the package. Only Error
// may come out of that, of lint not even that, and it is caught.
void read_and_check(const std::map<std::string, std::string>& good, const std::string& path, std::string_view contents);

}  // namespace cortland
