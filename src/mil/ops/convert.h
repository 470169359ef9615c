// cast: another element type.
#pragma once

#include <algorithm>
#include <cmath>

#include "mil/op.h"

namespace cortland::mil {

// y = x as `dtype` ("fp16", "fp32", "int32", "bool", ...). Floats become integers by truncation towards zero; one
// beyond int32 becomes the nearest, NaN 0.
struct Cast {
  static constexpr std::string_view kName = "cast";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::string dtype;
  static constexpr auto fields() { return std::tuple{field("x", &Cast::x), field("dtype", &Cast::dtype)}; }
  std::vector<Type> infer(const Inference& in) const {
    const DTypeRow* to = find_dtype(dtype);
    in.check(to != nullptr && to->bits >= 8, "dtype \"{}\" is not one that cast knows", printable(dtype));
    return {{to->dtype, in.tensor(x).shape}};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    const DType to = find_dtype(dtype)->dtype;
    if (cortland::is_float(a.dtype())) {
      const Floats values = a.floats();
      if (cortland::is_float(to)) {
        return e.set(Tensor::of_floats(to, a.shape(), std::vector<float>(values.span().begin(), values.span().end())));
      }
      std::vector<int32_t> y;
      for (const float v : values.span()) y.push_back(to == DType::boolean ? v != 0 : truncated(v));
      return e.set(Tensor::of_ints(to, a.shape(), std::move(y)));
    }
    if (cortland::is_float(to)) {
      return e.set(Tensor::of_floats(to, a.shape(), std::vector<float>(a.ints().begin(), a.ints().end())));
    }
    std::vector<int32_t> y(a.ints().begin(), a.ints().end());
    if (to == DType::boolean) {
      for (int32_t& v : y) v = v != 0;
    }
    e.set(Tensor::of_ints(to, a.shape(), std::move(y)));
  }

 private:
  static int32_t truncated(float v) {
    if (std::isnan(v)) return 0;
    return static_cast<int32_t>(std::clamp<double>(v, INT32_MIN, INT32_MAX));
  }
};

}  // namespace cortland::mil
