// How the weights of a conversion are prepared, and what its makers and readers are told about it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "lower/weight_tuning.h"
#include "pipeline/preset.h"
#include "pipeline/source.h"

namespace cortland {

struct Tuning {
  std::shared_ptr<const WeightTuning> weights;  // nullptr: nothing is to be done
  int64_t calibration_tokens = 0;               // 0: not calibrated
  std::string calibration_digest = {};          // of their ids
  std::vector<std::string> notes = {};

  // " --calibrate sha256:0123456789abcdef --calibrate-tokens 4096", or nothing.
  std::string command_text() const;
};

// Folds and calibration are for weights of fewer than 8 bits. `text_file`: bytes of NAME.text, or nothing. The source
// must outlive what is made. Errors: as read_calibration_ids().
Tuning make_tuning(const FileSystem& files, const SourceModel& source, const PrecisionOptions& options, int64_t context,
                   std::string_view text_file);

}  // namespace cortland
