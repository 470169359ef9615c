// The size of numbers.
#pragma once

#include <span>

namespace cortland {

// The largest magnitude, 0 of nothing; infinity when one is infinite or no number.
float largest_magnitude(std::span<const float> values);

}  // namespace cortland
