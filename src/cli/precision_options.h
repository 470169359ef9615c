// The options that say how weights are stored.
#pragma once

#include "cli/options.h"
#include "pipeline/preset.h"

namespace cortland {

void add_precision_options(CLI::App& command, PrecisionOptions& options);
// What needs the checkpoint: calibration, folds and a budget of bits.
void add_tuning_options(CLI::App& command, PrecisionOptions& options);

}  // namespace cortland
