// exp(), and what is made of it, of many numbers by SIMD.
#pragma once

#include <cstddef>

namespace cortland {

constexpr size_t kWorkPerExponential = 16;  // in multiplications, with the division that mostly follows

// y[i] = exp(x[i] - top), within one unit in the last place; the sum of all. NaN stays NaN. x and y may be the same.
float exponentials(const float* x, size_t n, float top, float* y);

// y[i] = x[i] / (1 + exp(-x[i])). NaN stays NaN. x and y may be the same.
void silus(const float* x, size_t n, float* y);

}  // namespace cortland
