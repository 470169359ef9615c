// Normalisation and softmax.
#pragma once

#include <algorithm>

#include "mil/op.h"
#include "tensor/reduce.h"

namespace cortland::mil {

// y = exp(x) / sum(exp(x)) along an axis.
struct Softmax {
  static constexpr std::string_view kName = "softmax";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  int32_t axis = -1;
  static constexpr auto fields() { return std::tuple{field("x", &Softmax::x), field("axis", &Softmax::axis)}; }
  std::vector<Type> infer(const Inference& in) const {
    in.axis(axis, in.float_tensor(x).shape.size());
    return {in.tensor(x)};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    const auto at = static_cast<size_t>(axis < 0 ? axis + static_cast<int32_t>(a.shape().size()) : axis);
    const Floats values = a.floats();
    std::vector<float> y(values.size());
    softmax(view_axes(a.shape(), at, at), values.data(), y.data());
    e.set(Tensor::of_floats(a.dtype(), a.shape(), std::move(y)));
  }
};

// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta over `axes`. C1: the axes are consecutive and ascending.
// C2: gamma and beta have the shape of those axes. C3: gamma, beta and epsilon share one element type.
struct LayerNorm {
  static constexpr std::string_view kName = "layer_norm";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> axes;
  std::optional<Value> gamma = {};
  std::optional<Value> beta = {};
  Scalar epsilon;
  static constexpr auto fields() {
    return std::tuple{field("x", &LayerNorm::x), field("axes", &LayerNorm::axes),
                      optional_field("gamma", &LayerNorm::gamma), optional_field("beta", &LayerNorm::beta),
                      field("epsilon", &LayerNorm::epsilon)};
  }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.float_tensor(x);
    in.check(!axes.empty(), "axes: want at least one");
    const size_t first = in.axis(axes.front(), a.shape.size());
    Shape normed;
    for (size_t i = 0; i < axes.size(); ++i) {
      in.check(in.axis(axes[i], a.shape.size()) == first + i, "axes {}: want consecutive ones", axes);
      normed.push_back(a.shape[first + i]);
    }
    for (const auto& weight : {gamma, beta}) {
      if (!weight) continue;
      const Type& w = in.tensor(*weight);
      in.check(w.shape == normed && w.dtype == epsilon.dtype, "gamma or beta {}: want {}", w,
               Type{epsilon.dtype, normed});
    }
    return {a};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    const auto rank = static_cast<int32_t>(a.shape().size());
    const auto first = static_cast<size_t>(axes.front() < 0 ? axes.front() + rank : axes.front());
    const AxisView view = view_axes(a.shape(), first, first + axes.size() - 1);
    const Floats values = a.floats();
    const Floats g = gamma ? e.get(*gamma).floats() : Floats(std::vector<float>{});
    const Floats b = beta ? e.get(*beta).floats() : Floats(std::vector<float>{});
    std::vector<float> y(values.size());
    layer_norm(view, values.data(), epsilon.value, gamma ? g.data() : nullptr, beta ? b.data() : nullptr, y.data());
    e.set(Tensor::of_floats(a.dtype(), a.shape(), std::move(y)));
  }
};

}  // namespace cortland::mil
