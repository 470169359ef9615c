// What `verify --ranges` shows.
#pragma once

#include "cli/command.h"
#include "pipeline/ranges.h"

namespace cortland {

// Measures and prints. check_failed when fp16 does not hold the values.
ExitCode run_ranges(const RangesRequest& request, const OutputOptions& output);

}  // namespace cortland
