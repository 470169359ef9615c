// What the contracts of all profiles say alike (design.md section 4).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json.h"
#include "lower/plan.h"

namespace cortland {

// Version, profile and sizes: the beginning.
OrderedJson begin_contract(const Plan& plan, std::string_view profile);
// The value of "mask".
OrderedJson mask_contract(const Plan& plan);
// The form of the package, and the ids that begin and end a text.
void end_contract(const Plan& plan, OrderedJson& contract);

}  // namespace cortland
