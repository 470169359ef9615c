#include "tensor/broadcast.h"

namespace cortland {

Shape broadcast_strides(std::span<const int64_t> shape, std::span<const int64_t> out) {
  const Shape dense = dense_strides(shape);
  Shape strides(out.size(), 0);
  for (size_t i = 0; i < shape.size(); ++i) {
    const size_t at = out.size() - shape.size() + i;
    strides[at] = shape[i] == 1 ? 0 : dense[i];
  }
  return strides;
}

BroadcastPlan plan_broadcast(std::span<const int64_t> a, std::span<const int64_t> b, std::span<const int64_t> out) {
  BroadcastPlan plan{Shape(out.begin(), out.end()), broadcast_strides(a, out), broadcast_strides(b, out), 0, 0, 1};
  if (!out.empty()) {
    plan.a_step = plan.a.back();
    plan.b_step = plan.b.back();
    plan.row = out.back();
  }
  return plan;
}

}  // namespace cortland
