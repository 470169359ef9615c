// What the first call of a package must give, in its metadata: a host that gets something else is on a unit that
// computes nonsense, and takes another one.
//
//   cortland.warm_up = {"id": 1, "ids": [77, 22, ...], "logits": [11, 10.5, ...], "tolerance": 1.1}
//
// id: goes in at position 0; ids: the likeliest behind it, the likeliest first; logits: theirs, in fp32 math;
// tolerance: how far a logit may be off, a tenth of the largest one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cortland {

inline constexpr const char* kWarmUpKey = "cortland.warm_up";

// At most `count`, the likeliest first, the smaller of equals first. REQUIRES: numbers.
std::vector<int32_t> likeliest_ids(std::span<const float> logits, int64_t count);

// `logits`: those behind `id` at position 0, [V]. Empty when some are no numbers, or all are 0.
std::string warm_up_text(int32_t id, std::span<const float> logits);

}  // namespace cortland
