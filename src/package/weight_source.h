// Payloads that lie in the weight files of a package, mapped when first asked for.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/file.h"
#include "mil/program.h"

namespace cortland {

class WeightSource {
 public:
  // `model_folder` holds model.mlmodel. Nothing is opened yet.
  WeightSource(const FileSystem& files, std::string model_folder)
      : files_(files), model_folder_(std::move(model_folder)) {}

  // The payload of the blob whose record stands at `offset`; `file_name` is as in a blob reference. The payload keeps
  // the file open. Errors: corrupt, not_found, io.
  mil::PayloadPtr payload(const std::string& file_name, uint64_t offset, const mil::Type& type);

 private:
  const FileSystem& files_;
  std::string model_folder_;
  std::map<std::string, std::shared_ptr<const InputFile>> open_;  // by file name
};

}  // namespace cortland
