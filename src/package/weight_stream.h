// Produces payloads and writes them: the blobs of a plan to the weight file, or a single one.
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

// Appends the bytes of a payload in the same way. `progress` gets how many of them are written. Errors: the same.
void write_payload(const mil::Payload& payload, OutputFile& out, const std::function<void(uint64_t done)>& progress);

}  // namespace cortland
