// Produces the blobs of a plan and writes them to the weight file.
#pragma once

#include <cstdint>
#include <functional>

#include "base/file.h"
#include "package/weight_plan.h"

namespace cortland {

// Writes the whole weight file to `out`, which must be empty, and leaves it open. Payloads are produced in tiles of at
// most 4 MB (or one granule) on several threads and written in file order; a few tiles are in memory at a time.
// Errors: io; whatever a payload throws.
void write_weights(const WeightPlan& plan, OutputFile& out,
                   const std::function<void(uint64_t done, uint64_t total)>& progress);

}  // namespace cortland
