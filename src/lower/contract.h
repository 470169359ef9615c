// What the contracts of all profiles say alike (design.md section 4).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "lower/plan.h"

namespace cortland {

// Inputs.
inline constexpr const char* kPosition = "position";
inline constexpr const char* kSlot = "slot";  // of a ring
// Of a cache with a ring, in place of what "slots" says of others.
inline constexpr const char* kRingSlots = "ring";

// Version, profile and sizes: the beginning.
OrderedJson begin_contract(const Plan& plan, std::string_view profile);
// The value of "mask".
OrderedJson mask_contract(const Plan& plan);
// "layers" and "slots" of the ring, to which a profile adds names.
OrderedJson ring_contract(const Plan& plan);
// One that has several contexts: the contract of the largest, and for each, from small to large, what differs;
// null: it is not there.
OrderedJson join_contracts(OrderedJson largest, const std::vector<OrderedJson>& others);
// The form of the package, and the ids that begin and end a text.
void end_contract(const Plan& plan, OrderedJson& contract);

}  // namespace cortland
