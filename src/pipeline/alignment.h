// The longest common subsequence of two sequences.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace cortland {

// Pairs (i, j) with first[i] == second[j], both ascending, as many as there can be. Time grows with the product of the
// lengths of what lies between a common beginning and a common end, memory with their sum; where that product is beyond
// all that programs have, what lies between is not paired.
std::vector<std::pair<size_t, size_t>> align(std::span<const int32_t> first, std::span<const int32_t> second);

}  // namespace cortland
