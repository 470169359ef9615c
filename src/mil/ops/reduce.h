// Axes combined to one number.
#pragma once

#include <algorithm>

#include "mil/op.h"
#include "tensor/reduce.h"

namespace cortland::mil {

// y = the mean over `axes`, which stay with size 1 or go. C1: floats. C2: at least one axis, and none twice.
struct ReduceMean {
  static constexpr std::string_view kName = "reduce_mean";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> axes;
  bool keep_dims = false;
  static constexpr auto fields() {
    return std::tuple{field("x", &ReduceMean::x), field("axes", &ReduceMean::axes),
                      field("keep_dims", &ReduceMean::keep_dims)};
  }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.float_tensor(x);
    in.check(!axes.empty(), "axes: want at least one");
    std::vector<bool> reduced(a.shape.size(), false);
    for (const int32_t axis : axes) {
      const size_t at = in.axis(axis, a.shape.size());
      in.check(!reduced[at], "axes {}: want none twice", axes);
      reduced[at] = true;
    }
    return {{a.dtype, remaining(a.shape, reduced)}};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    const auto rank = static_cast<int32_t>(a.shape().size());
    std::vector<bool> reduced(a.shape().size(), false);
    for (const int32_t axis : axes) reduced[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
    std::vector<float> y = means(a.shape(), reduced, a.floats().span());
    e.set(Tensor::of_floats(a.dtype(), remaining(a.shape(), reduced), std::move(y)));
  }

 private:
  Shape remaining(const Shape& from, const std::vector<bool>& reduced) const {
    Shape shape;
    for (size_t i = 0; i < from.size(); ++i) {
      if (!reduced[i]) shape.push_back(from[i]);
      if (reduced[i] && keep_dims) shape.push_back(1);
    }
    return shape;
  }
};

}  // namespace cortland::mil
