// Where each blob of a program will stand in the weight file, known before a byte is produced.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "mil/program.h"

namespace cortland {

struct PlannedBlob {
  mil::PayloadPtr payload;
  uint64_t record_offset = 0;
  uint64_t size = 0;  // bytes of the payload
};

class WeightPlan {
 public:
  // Lists the payloads of `program` in order of first use; those of one key, type and length share
  // a blob. Errors: invalid when a type cannot stand in the file.
  explicit WeightPlan(const mil::Program& program);

  const std::vector<PlannedBlob>& blobs() const { return blobs_; }
  // REQUIRES: the payload is one of the program.
  uint64_t record_offset(const mil::Payload& payload) const;
  uint64_t file_size() const { return file_size_; }

 private:
  static std::string identity(const mil::Payload& payload);
  void add(const mil::PayloadPtr& payload);

  std::vector<PlannedBlob> blobs_;
  std::unordered_map<std::string, size_t> index_;  // by identity
  uint64_t file_size_;
};

}  // namespace cortland
