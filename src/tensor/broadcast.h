// Element-wise loops over operands that NumPy's rule stretches to one shape.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/shape.h"

namespace cortland {

// The strides with which an operand of `shape` is read under the broadcast shape `out`: 0 where it is stretched.
Shape broadcast_strides(std::span<const int64_t> shape, std::span<const int64_t> out);

// Calls body(offset of a, offset of b, offset of the result) for each row along the last axis of `out`; the strides
// along that axis are a_step and b_step.
struct BroadcastPlan {
  Shape out, a, b;  // strides of a and b under `out`
  int64_t a_step = 0, b_step = 0, row = 1;
};
BroadcastPlan plan_broadcast(std::span<const int64_t> a, std::span<const int64_t> b, std::span<const int64_t> out);

template <typename Body>
void for_each_row(const BroadcastPlan& plan, Body body) {
  const size_t outer_rank = plan.out.empty() ? 0 : plan.out.size() - 1;
  const int64_t rows = element_count(std::span(plan.out).first(outer_rank));
  std::vector<int64_t> index(outer_rank, 0);
  int64_t a = 0, b = 0;
  for (int64_t r = 0; r < rows; ++r) {
    body(a, b, r * plan.row);
    for (size_t axis = outer_rank; axis-- > 0;) {
      a += plan.a[axis];
      b += plan.b[axis];
      if (++index[axis] < plan.out[axis]) break;
      a -= plan.a[axis] * index[axis];
      b -= plan.b[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

// y = f(a, b), element by element. y holds element_count(out) values.
template <typename T, typename R, typename F>
void broadcast(std::span<const int64_t> a_shape, const T* a, std::span<const int64_t> b_shape, const T* b,
               std::span<const int64_t> out, R* y, F f) {
  const BroadcastPlan plan = plan_broadcast(a_shape, b_shape, out);
  for_each_row(plan, [&](int64_t at_a, int64_t at_b, int64_t at_y) {
    const T* pa = a + at_a;
    const T* pb = b + at_b;
    R* py = y + at_y;
    if (plan.a_step == 1 && plan.b_step == 1) {
      for (int64_t i = 0; i < plan.row; ++i) py[i] = f(pa[i], pb[i]);
    } else {
      for (int64_t i = 0; i < plan.row; ++i) py[i] = f(pa[i * plan.a_step], pb[i * plan.b_step]);
    }
  });
}

}  // namespace cortland
