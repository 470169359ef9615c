// Comparisons, and the choice that follows from one. Converters write them where an index may be negative.
#pragma once

#include "mil/op.h"
#include "tensor/broadcast.h"

namespace cortland::mil {

struct CompareRule {
  std::string_view name;
  bool (*holds)(float, float);
};

// z = x op y, as bool. C1: x and y share one element type. C2: the shapes broadcast. Integers are compared as fp32
// numbers, so those beyond 2^24 by their nearest.
template <const CompareRule& kRule>
struct Compare {
  static constexpr std::string_view kName = kRule.name;
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Value y;
  static constexpr auto fields() { return std::tuple{field("x", &Compare::x), field("y", &Compare::y)}; }

  std::vector<Type> infer(const Inference& in) const {
    in.require_same_dtype(x, y);
    const auto shape = broadcast_shapes(in.tensor(x).shape, in.tensor(y).shape);
    in.check(shape.has_value(), "shapes {} and {} do not broadcast", in.tensor(x), in.tensor(y));
    return {{DType::boolean, *shape}};
  }
  void eval(Evaluation& e) const {
    const Tensor &a = e.get(x), &b = e.get(y);
    const Shape shape = run_time_shape(kName, a.shape(), b.shape());
    std::vector<float> fa(static_cast<size_t>(a.size())), fb(static_cast<size_t>(b.size()));
    a.elements()->read(0, fa);
    b.elements()->read(0, fb);
    std::vector<float> z(static_cast<size_t>(element_count(shape)));
    broadcast(a.shape(), fa.data(), b.shape(), fb.data(), shape, z.data(),
              [](float p, float q) { return kRule.holds(p, q) ? 1.0f : 0.0f; });
    e.set(Tensor::of_ints(DType::boolean, shape, {z.begin(), z.end()}));
  }
};

inline constexpr CompareRule kEqual{"equal", [](float a, float b) { return a == b; }};
inline constexpr CompareRule kNotEqual{"not_equal", [](float a, float b) { return a != b; }};
inline constexpr CompareRule kLess{"less", [](float a, float b) { return a < b; }};
inline constexpr CompareRule kLessEqual{"less_equal", [](float a, float b) { return a <= b; }};
inline constexpr CompareRule kGreater{"greater", [](float a, float b) { return a > b; }};
inline constexpr CompareRule kGreaterEqual{"greater_equal", [](float a, float b) { return a >= b; }};

using Equal = Compare<kEqual>;
using NotEqual = Compare<kNotEqual>;
using Less = Compare<kLess>;
using LessEqual = Compare<kLessEqual>;
using Greater = Compare<kGreater>;
using GreaterEqual = Compare<kGreaterEqual>;

// y = cond ? a : b, element by element. C1: cond is bool, a and b share one element type. C2: the shapes are the same,
// or cond is a scalar.
struct Select {
  static constexpr std::string_view kName = "select";
  static constexpr Opset kSince = Opset::coreml5;
  Value cond;
  Value a;
  Value b;
  static constexpr auto fields() {
    return std::tuple{field("cond", &Select::cond), field("a", &Select::a), field("b", &Select::b)};
  }

  std::vector<Type> infer(const Inference& in) const {
    const Type &c = in.tensor(cond), &p = in.tensor(a), &q = in.tensor(b);
    in.check(c.dtype == DType::boolean, "cond: got {}, want bool", c);
    in.require_same_dtype(a, b);
    in.check(p.shape == q.shape && (c.shape == p.shape || c.shape.empty()), "cond {}, a {} and b {}: want one shape", c,
             p, q);
    return {p};
  }
  void eval(Evaluation& e) const {
    const Tensor &c = e.get(cond), &p = e.get(a), &q = e.get(b);
    const auto n = static_cast<size_t>(p.size());
    const auto chosen = [&](const auto& from, const auto& other, auto out) {
      for (size_t i = 0; i < n; ++i) out.push_back(c.ints()[c.shape().empty() ? 0 : i] != 0 ? from[i] : other[i]);
      return out;
    };
    if (cortland::is_float(p.dtype())) {
      e.set(Tensor::of_floats(p.dtype(), p.shape(), chosen(p.floats(), q.floats(), std::vector<float>())));
    } else {
      e.set(Tensor::of_ints(p.dtype(), p.shape(), chosen(p.ints(), q.ints(), std::vector<int32_t>())));
    }
  }
};

}  // namespace cortland::mil
