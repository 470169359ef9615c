// Writes NAME.mlpackage:
//
//   Manifest.json
//   Data/com.apple.CoreML/model.mlmodel            protobuf Model
//   Data/com.apple.CoreML/weights/weight.bin       blobs of 64-byte aligned records
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/file.h"
#include "package/package.h"

namespace cortland {

struct WriteOptions {
  bool overwrite = false;
  // Called from one thread at a time with the weight bytes written so far and in all.
  std::function<void(uint64_t done, uint64_t total)> progress = {};
  // Called once when all is written to a folder that is not yet in its place, and can be read there: more userDefined
  // entries, known only by then.
  std::function<std::map<std::string, std::string>(const std::string& staged)> late_metadata = {};
};

struct WriteSummary {
  uint64_t total_bytes = 0;   // of all files
  uint64_t weight_bytes = 0;  // of weight.bin
  uint64_t blobs = 0;

  WriteSummary& operator+=(const WriteSummary& other) {
    total_bytes += other.total_bytes;
    weight_bytes += other.weight_bytes;
    blobs += other.blobs;
    return *this;
  }
};

// Writes the package beside `path` and moves it there when it is complete and on stable storage. Payloads are produced
// tile by tile on several threads, in file order; equal weights share a blob. The bytes depend on the package alone.
// Errors: invalid when `path` exists without `overwrite`, or its parent is no folder; io; whatever a payload throws.
// After an error nothing of the new package is left, and an old one is untouched.
WriteSummary write_package(FileSystem& files, const std::string& path, const Package& package,
                           const WriteOptions& options = {});

// Refuses an unsuitable `path` as write_package() would, before any work.
void check_output(FileSystem& files, const std::string& path, const WriteOptions& options);

// What write_package() will write, computed without producing a byte of weights.
WriteSummary plan_package(const Package& package);
// Of that the weights, which is less work.
uint64_t planned_weight_bytes(const Package& package);

}  // namespace cortland
