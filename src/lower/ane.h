// The `ane` profile, channels first, sequence last: decode and prefill functions over one state, or, for targets
// without states, one function main over a cache that the host keeps.
#pragma once

#include <string>
#include <vector>

#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "mil/program.h"
#include "model/weights.h"

namespace cortland {

// All functions of each part; equal weights have equal payload keys. The weights, the plan's spec and the report must
// outlive the programs. Reads only norm gains; the rest is read when a program is written.
std::vector<mil::Program> lower_ane(const AnePlan& plan, const Weights& weights, WeightReport& report);

// What the package of a part is called, where there are several: its place is all that the name tells, so that the
// bytes of the contract do not depend on the name of the bundle.
std::string part_package_name(const AnePlan& plan, size_t index);

// The host's contract as JSON text (design.md section 4).
std::string ane_contract(const AnePlan& plan);

}  // namespace cortland
