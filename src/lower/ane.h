// The `ane` profile, channels first, sequence last: decode and prefill functions over one state, or, for targets without
// states, one function main over a cache that the host keeps.
#pragma once

#include <string>

#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "mil/program.h"
#include "model/weights.h"

namespace cortland {

// All functions; equal weights have equal payload keys. The weights, the plan's spec and the report must outlive the
// program. Reads only norm gains; the rest is read when the program is written.
mil::Program lower_ane(const AnePlan& plan, const Weights& weights, WeightReport& report);

// The host's contract as JSON text (design.md section 4).
std::string ane_contract(const AnePlan& plan);

}  // namespace cortland
