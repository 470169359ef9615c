// Moves elements without computing: the meaning of the shape ops. Representation and type of the operand are kept.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace cortland {

// result[i_perm...] : axis k of the result is axis perm[k] of x.
Tensor transpose(const Tensor& x, std::span<const int32_t> perm);

// A region of a tensor: along each axis, `count` elements from `begin` by `step` (> 0).
struct Region {
  std::vector<int64_t> begin, count, step;
};

// The elements of the region. REQUIRES: the region lies inside x.
Tensor slice(const Tensor& x, const Region& region);

// x with the region replaced by `update` (as many elements, same order). A stored fp16 x (a state) stays stored, takes
// the update rounded to fp16, and is changed in place when it is unique; any other x is copied.
Tensor update_slice(Tensor x, const Region& region, const Tensor& update);

// Operands one after another along `axis`. REQUIRES: at least one; all other dimensions equal.
Tensor concat(std::span<const Tensor> parts, size_t axis);

// Repeats the whole of x reps[k] times along axis k.
Tensor tile(const Tensor& x, std::span<const int32_t> reps);

// `before[k]` and `after[k]` elements of `value` around axis k. REQUIRES: a float type.
Tensor pad(const Tensor& x, std::span<const int64_t> before, std::span<const int64_t> after, float value);

// result = x[:axis] + indices + x[axis+1:]. Errors: invalid for an index outside the axis.
Tensor gather(const Tensor& x, const Tensor& indices, size_t axis);

}  // namespace cortland
