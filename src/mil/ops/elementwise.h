// Element-wise ops: two operands under NumPy broadcasting, or one.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "mil/op.h"
#include "tensor/broadcast.h"
#include "tensor/exponentials.h"

namespace cortland::mil {

struct BinaryRule {
  std::string_view name;
  float (*floats)(float, float);
  int32_t (*ints)(int32_t, int32_t);
};

// z = f(x, y). C1: x and y share one element type (fp16, fp32 or int32). C2: the shapes broadcast.
template <const BinaryRule& kRule>
struct Binary {
  static constexpr std::string_view kName = kRule.name;
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Value y;
  static constexpr auto fields() { return std::tuple{field("x", &Binary::x), field("y", &Binary::y)}; }

  std::vector<Type> infer(const Inference& in) const {
    in.require_same_dtype(x, y);
    const auto shape = broadcast_shapes(in.tensor(x).shape, in.tensor(y).shape);
    in.check(shape.has_value(), "shapes {} and {} do not broadcast", in.tensor(x), in.tensor(y));
    return {{in.tensor(x).dtype, *shape}};
  }
  void eval(Evaluation& e) const {
    const Tensor &a = e.get(x), &b = e.get(y);
    const Shape shape = run_time_shape(kName, a.shape(), b.shape());
    const auto n = static_cast<size_t>(element_count(shape));
    if (cortland::is_float(a.dtype())) {
      std::vector<float> z(n);
      const Floats fa = a.floats(), fb = b.floats();
      broadcast(a.shape(), fa.data(), b.shape(), fb.data(), shape, z.data(),
                [](float p, float q) { return kRule.floats(p, q); });
      e.set(Tensor::of_floats(a.dtype(), shape, std::move(z)));
    } else {
      std::vector<int32_t> z(n);
      broadcast(a.shape(), a.ints().data(), b.shape(), b.ints().data(), shape, z.data(),
                [](int32_t p, int32_t q) { return kRule.ints(p, q); });
      e.set(Tensor::of_ints(a.dtype(), shape, std::move(z)));
    }
  }
};

inline constexpr BinaryRule kAdd{
    "add", [](float a, float b) { return a + b; },
    [](int32_t a, int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b)); }};
inline constexpr BinaryRule kSub{
    "sub", [](float a, float b) { return a - b; },
    [](int32_t a, int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b)); }};
inline constexpr BinaryRule kMul{
    "mul", [](float a, float b) { return a * b; },
    [](int32_t a, int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b)); }};
inline constexpr BinaryRule kRealDiv{
    "real_div", [](float a, float b) { return a / b; },
    [](int32_t a, int32_t b) { return static_cast<int32_t>(b == 0 ? 0 : int64_t{a} / b); }};
inline constexpr BinaryRule kMaximum{"maximum", [](float a, float b) { return std::max(a, b); },
                                     [](int32_t a, int32_t b) { return std::max(a, b); }};
inline constexpr BinaryRule kMinimum{"minimum", [](float a, float b) { return std::min(a, b); },
                                     [](int32_t a, int32_t b) { return std::min(a, b); }};

using Add = Binary<kAdd>;
using Sub = Binary<kSub>;
using Mul = Binary<kMul>;
using RealDiv = Binary<kRealDiv>;
using Maximum = Binary<kMaximum>;
using Minimum = Binary<kMinimum>;

// y = f(x), where loop(x, n, y) does that for a range of elements.
template <typename Loop>
void set_by_ranges(Evaluation& e, const Value& x, Loop loop) {
  const Tensor& a = e.get(x);
  const Floats values = a.floats();
  std::vector<float> y(values.size());
  parallel_for(y.size(), grain_for(kWorkPerExponential), [&](size_t begin, size_t end) {
    loop(values.data() + begin, end - begin, y.data() + begin);
  });
  e.set(Tensor::of_floats(a.dtype(), a.shape(), std::move(y)));
}

// y = f(x), f for one element.
template <typename F>
void set_each(Evaluation& e, const Value& x, F f) {
  set_by_ranges(e, x, [&](const float* from, size_t n, float* y) { std::transform(from, from + n, y, f); });
}

struct UnaryRule {
  std::string_view name;
  void (*loop)(const float* x, size_t n, float* y);
};

template <float (*kF)(float)>
void loop_of(const float* x, size_t n, float* y) {
  std::transform(x, x + n, y, [](float v) { return kF(v); });
}

// y = f(x), x of a floating type.
template <const UnaryRule& kRule>
struct Unary {
  static constexpr std::string_view kName = kRule.name;
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  static constexpr auto fields() { return std::tuple{field("x", &Unary::x)}; }

  std::vector<Type> infer(const Inference& in) const { return {in.float_tensor(x)}; }
  void eval(Evaluation& e) const { set_by_ranges(e, x, kRule.loop); }
};

inline float sigmoid(float v) { return 1 / (1 + std::exp(-v)); }
inline float relu(float v) { return std::max(v, 0.0f); }

inline constexpr UnaryRule kSilu{"silu", silus};
inline constexpr UnaryRule kSigmoid{"sigmoid", loop_of<sigmoid>};
inline constexpr UnaryRule kTanh{"tanh", loop_of<std::tanh>};
inline constexpr UnaryRule kRelu{"relu", loop_of<relu>};
inline constexpr UnaryRule kExp{"exp", loop_of<std::exp>};
inline constexpr UnaryRule kSqrt{"sqrt", loop_of<std::sqrt>};

using Silu = Unary<kSilu>;
using Sigmoid = Unary<kSigmoid>;
using Tanh = Unary<kTanh>;
using Relu = Unary<kRelu>;
using Exp = Unary<kExp>;
using Sqrt = Unary<kSqrt>;

// y = 1 / sqrt(x + epsilon).
struct Rsqrt {
  static constexpr std::string_view kName = "rsqrt";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Scalar epsilon;
  static constexpr auto fields() { return std::tuple{field("x", &Rsqrt::x), field("epsilon", &Rsqrt::epsilon)}; }
  std::vector<Type> infer(const Inference& in) const { return {in.float_tensor(x)}; }
  void eval(Evaluation& e) const {
    set_each(e, x, [&](float v) { return 1 / std::sqrt(v + epsilon.value); });
  }
};

// y = x limited to [alpha, beta]. C1: alpha < beta.
struct Clip {
  static constexpr std::string_view kName = "clip";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Scalar alpha;
  Scalar beta;
  static constexpr auto fields() {
    return std::tuple{field("x", &Clip::x), field("alpha", &Clip::alpha), field("beta", &Clip::beta)};
  }
  std::vector<Type> infer(const Inference& in) const {
    in.check(alpha.value < beta.value, "alpha {} is not below beta {}", alpha.value, beta.value);
    return {in.float_tensor(x)};
  }
  void eval(Evaluation& e) const {
    set_each(e, x, [&](float v) { return std::min(std::max(v, alpha.value), beta.value); });
  }
};

// y = x * Phi(x). C1: mode is one of the three.
struct Gelu {
  static constexpr std::string_view kName = "gelu";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::string mode = "EXACT";
  static constexpr auto fields() { return std::tuple{field("x", &Gelu::x), field("mode", &Gelu::mode)}; }
  std::vector<Type> infer(const Inference& in) const {
    in.check(find() != nullptr, "mode \"{}\": want EXACT, TANH_APPROXIMATION or SIGMOID_APPROXIMATION", mode);
    return {in.float_tensor(x)};
  }
  void eval(Evaluation& e) const { set_each(e, x, find()); }

 private:
  static float exact(float v) { return 0.5f * v * (1 + std::erf(v * 0.70710678f)); }
  static float by_tanh(float v) { return 0.5f * v * (1 + std::tanh(0.79788456f * (v + 0.044715f * v * v * v))); }
  static float by_sigmoid(float v) { return v / (1 + std::exp(-1.702f * v)); }
  // nullptr for an unknown mode.
  float (*find() const)(float) {
    if (mode == "EXACT") return exact;
    if (mode == "TANH_APPROXIMATION") return by_tanh;
    return mode == "SIGMOID_APPROXIMATION" ? by_sigmoid : nullptr;
  }
};

}  // namespace cortland::mil
