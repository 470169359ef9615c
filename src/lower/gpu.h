// The `gpu` profile: one function over two states, token after token, for any number of tokens.
#pragma once

#include <string>
#include <vector>

#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "mil/program.h"
#include "model/weights.h"

namespace cortland {

inline constexpr std::string_view kGpuFunction = "main";

// The function `main`, or one for each of several contexts. The weights, the plan's spec and the report must outlive
// the program. Reads only norm gains; the rest is read when the program is written.
mil::Program lower_gpu(const GpuPlan& plan, const Weights& weights, WeightReport& report);

// The sizes that an input of unknown dimensions may take; both ends belong to them.
struct FlexibleInput {
  std::string function, name;
  Shape lower, upper;
};
std::vector<FlexibleInput> gpu_flexible_inputs(const GpuPlan& plan);

// The host's contract as JSON text (design.md section 4).
std::string gpu_contract(const GpuPlan& plan);

}  // namespace cortland
