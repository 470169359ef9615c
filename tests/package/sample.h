// A small package with everything that a converted decoder has: two functions, a state, shared weights, a contract.
#pragma once

#include <string>

#include "package/package.h"

namespace cortland {

// Functions `decode` (1 token, gives logits) and `prefill` (4 tokens, gives hidden); vocabulary 32, width 16, context
// 8.
Package sample_package();

// One function `main`, y = relu(x), x fp16[1, ?] of 1 to 8.
Package flexible_package();

// Program, interface and metadata as text, weights by digest: equal texts mean equal packages.
std::string describe(const Package& package);

// fp16 numbers between 0.1 and 0.3, as many as `shape` asks for, different for each seed.
mil::PayloadPtr sample_weights(Shape shape, uint32_t seed);

}  // namespace cortland
