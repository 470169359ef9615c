// gather: rows by index.
#pragma once

#include "mil/op.h"
#include "tensor/rearrange.h"

namespace cortland::mil {

// y = x[:axis] + indices + x[axis+1:]: one row of x per index. C1: integer indices. C2: batch_dims is 0 (the only form
// known here). Negative indices are out of bounds.
struct Gather {
  static constexpr std::string_view kName = "gather";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Value indices;
  int32_t axis = 0;
  int32_t batch_dims = 0;
  bool validate_indices = false;
  static constexpr auto fields() {
    return std::tuple{field("x", &Gather::x), field("indices", &Gather::indices), field("axis", &Gather::axis),
                      field("batch_dims", &Gather::batch_dims, Opset::coreml6),
                      field("validate_indices", &Gather::validate_indices, Opset::coreml7)};
  }
  std::vector<Type> infer(const Inference& in) const {
    const Type &a = in.tensor(x), &i = in.tensor(indices);
    const bool integer = i.dtype == DType::i32 || i.dtype == DType::i16 || i.dtype == DType::u16 ||
                         i.dtype == DType::i8 || i.dtype == DType::u8;
    in.check(integer, "indices: got {}, want integers", i);
    in.check(batch_dims == 0, "batch_dims {} is not known here", batch_dims);
    const size_t at = in.axis(axis, a.shape.size());
    Shape shape(a.shape.begin(), a.shape.begin() + static_cast<std::ptrdiff_t>(at));
    shape.insert(shape.end(), i.shape.begin(), i.shape.end());
    shape.insert(shape.end(), a.shape.begin() + static_cast<std::ptrdiff_t>(at) + 1, a.shape.end());
    return {{a.dtype, std::move(shape)}};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    const auto rank = static_cast<int32_t>(a.shape().size());
    e.set(cortland::gather(a, e.get(indices), static_cast<size_t>(axis < 0 ? axis + rank : axis)));
  }
};

}  // namespace cortland::mil
