// From a package with fp16 weights to one with smaller ones, without its checkpoint.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "package/writer.h"
#include "pipeline/package_paths.h"
#include "pipeline/preset.h"
#include "pipeline/progress.h"

namespace cortland {

struct QuantizeRequest {
  std::string input;   // a package or a bundle
  std::string output;  // NAME.mlpackage
  PrecisionOptions precision;
  bool overwrite = false;
  bool strict = false;  // no other form than the one asked for
};

struct QuantizeSummary {
  PackagePaths input, output;
  bool has_text = false;  // the text file of the input was copied
  std::string precision;
  uint64_t input_bytes = 0;     // of the weights
  WriteSummary written;
  size_t matrices = 0, kept = 0;  // weights that became codes, and matrices that stayed fp16
  std::vector<std::string> fallbacks;  // forms that the target has not
};

// Weights are the constants that conv, linear and gather read; everything else stays as it is. Errors: as
// read_package() and write_package(); unsupported when there is no fp16 weight, as in a package that is quantized
// already, and for a strict request that cannot be met as it stands.
QuantizeSummary quantize_package(FileSystem& files, const QuantizeRequest& request, Progress& progress);

}  // namespace cortland
