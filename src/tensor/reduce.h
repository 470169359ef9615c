// Loops that combine elements along axes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/shape.h"

namespace cortland {

// A tensor seen as [outer, n, inner]: the axes first..last (consecutive) are the n.
struct AxisView {
  int64_t outer = 1, n = 1, inner = 1;
};
AxisView view_axes(std::span<const int64_t> shape, size_t first, size_t last);

// y = softmax(x) along n. x and y may be the same.
void softmax(const AxisView& view, const float* x, float* y);

// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta along n; gamma and beta [n] may be null. Sums in double.
void layer_norm(const AxisView& view, const float* x, float epsilon, const float* gamma, const float* beta, float* y);

// The means along the axes marked in `reduced` (one flag per axis), which the result lacks. Sums in double.
std::vector<float> means(std::span<const int64_t> shape, const std::vector<bool>& reduced, std::span<const float> x);

}  // namespace cortland
