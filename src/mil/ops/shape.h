// Ops that move elements without computing.
#pragma once

#include <algorithm>
#include <numeric>

#include "mil/op.h"
#include "tensor/rearrange.h"

namespace cortland::mil {

// y = x.
struct Identity {
  static constexpr std::string_view kName = "identity";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  static constexpr auto fields() { return std::tuple{field("x", &Identity::x)}; }
  std::vector<Type> infer(const Inference& in) const { return {in.tensor(x)}; }
  void eval(Evaluation& e) const { e.set(e.get(x)); }
};

// y = the dimensions of x, int32 [rank]. C1: fp16, fp32, int32 or bool.
struct ShapeOf {
  static constexpr std::string_view kName = "shape";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  static constexpr auto fields() { return std::tuple{field("x", &ShapeOf::x)}; }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.tensor(x);
    in.check(a.dtype == DType::f16 || a.dtype == DType::f32 || a.dtype == DType::i32 || a.dtype == DType::boolean,
             "operand {}: want fp16, fp32, int32 or bool", a);
    in.check(!a.shape.empty(), "operand {}: want at least one axis", a);
    return {{DType::i32, {static_cast<int64_t>(a.shape.size())}}};
  }
  void eval(Evaluation& e) const {
    const Shape& shape = e.get(x).shape();
    e.set(Tensor::of_ints(DType::i32, {static_cast<int64_t>(shape.size())}, {shape.begin(), shape.end()}));
  }
};

// The elements of x in the same order under another shape; one -1 is inferred. C1: as many elements.
struct Reshape {
  static constexpr std::string_view kName = "reshape";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> shape;
  static constexpr auto fields() { return std::tuple{field("x", &Reshape::x), field("shape", &Reshape::shape)}; }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.tensor(x);
    const auto to = resolved(a.shape);
    in.check(to.has_value(), "{} cannot become {}", a, shape);
    return {{a.dtype, *to}};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    const auto to = resolved(a.shape());
    if (!to) {
      fail(ErrorCode::invalid, "{}: {} cannot become {}", kName, to_string(a.shape()), Literal::of(shape).text());
    }
    e.set(a.reshaped(*to));
  }

 private:
  std::optional<Shape> resolved(const Shape& from) const {
    Shape to(shape.begin(), shape.end());
    int64_t known = 1, inferred = -1;
    for (size_t i = 0; i < to.size(); ++i) {
      if (to[i] == -1) {
        if (inferred >= 0) return std::nullopt;
        inferred = static_cast<int64_t>(i);
      } else if (to[i] <= 0 || __builtin_mul_overflow(known, to[i], &known)) {
        return std::nullopt;
      }
    }
    if (std::find(from.begin(), from.end(), kUnknown) != from.end()) return to;
    const int64_t count = element_count(from);
    if (inferred >= 0) {
      if (count % known != 0) return std::nullopt;
      to[static_cast<size_t>(inferred)] = count / known;
    } else if (known != count) {
      return std::nullopt;
    }
    return to;
  }
};

// Axis k of the result is axis perm[k] of x. C1: perm is a permutation.
struct Transpose {
  static constexpr std::string_view kName = "transpose";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> perm;
  static constexpr auto fields() { return std::tuple{field("x", &Transpose::x), field("perm", &Transpose::perm)}; }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.tensor(x);
    const std::vector<int32_t> from = normal();
    std::vector<int32_t> sorted = from, all(a.shape.size());
    std::sort(sorted.begin(), sorted.end());
    std::iota(all.begin(), all.end(), 0);
    in.check(sorted == all, "perm {} is no permutation of the axes of {}", perm, a);
    Shape shape;
    for (const int32_t axis : from) shape.push_back(a.shape[static_cast<size_t>(axis)]);
    return {{a.dtype, std::move(shape)}};
  }
  void eval(Evaluation& e) const { e.set(cortland::transpose(e.get(x), normal())); }

 private:
  std::vector<int32_t> normal() const {
    std::vector<int32_t> axes = perm;
    for (int32_t& axis : axes) axis = axis < 0 ? axis + static_cast<int32_t>(perm.size()) : axis;
    return axes;
  }
};

// Adds axes of size 1; `axes` are positions in the result.
struct ExpandDims {
  static constexpr std::string_view kName = "expand_dims";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> axes;
  static constexpr auto fields() { return std::tuple{field("x", &ExpandDims::x), field("axes", &ExpandDims::axes)}; }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.tensor(x);
    const size_t rank = a.shape.size() + axes.size();
    std::vector<bool> added(rank, false);
    for (const int32_t axis : axes) added[in.axis(axis, rank)] = true;
    in.check(static_cast<size_t>(std::count(added.begin(), added.end(), true)) == axes.size(), "axes {} repeat", axes);
    Shape shape;
    for (size_t i = 0, from = 0; i < rank; ++i) shape.push_back(added[i] ? 1 : a.shape[from++]);
    return {{a.dtype, std::move(shape)}};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    Shape shape = a.shape();
    std::vector<int32_t> sorted = axes;
    const auto rank = static_cast<int32_t>(shape.size() + axes.size());
    for (int32_t& axis : sorted) axis = axis < 0 ? axis + rank : axis;
    std::sort(sorted.begin(), sorted.end());
    for (const int32_t axis : sorted) shape.insert(shape.begin() + axis, 1);
    e.set(a.reshaped(std::move(shape)));
  }
};

// Removes axes of size 1; without `axes`, all of them.
struct Squeeze {
  static constexpr std::string_view kName = "squeeze";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::optional<std::vector<int32_t>> axes = {};
  static constexpr auto fields() { return std::tuple{field("x", &Squeeze::x), optional_field("axes", &Squeeze::axes)}; }
  std::vector<Type> infer(const Inference& in) const {
    const Type& a = in.tensor(x);
    if (axes) {
      for (const int32_t axis : *axes) {
        in.check(a.shape[in.axis(axis, a.shape.size())] == 1, "axis {} of {} is not 1", axis, a);
      }
    }
    return {{a.dtype, squeezed(a.shape)}};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    e.set(a.reshaped(squeezed(a.shape())));
  }

 private:
  Shape squeezed(const Shape& from) const {
    Shape shape;
    for (size_t i = 0; i < from.size(); ++i) {
      const auto is_axis = [&](int32_t axis) {
        return static_cast<size_t>(axis < 0 ? axis + static_cast<int32_t>(from.size()) : axis) == i;
      };
      const bool removed = axes ? std::any_of(axes->begin(), axes->end(), is_axis) : from[i] == 1;
      if (!removed) shape.push_back(from[i]);
    }
    return shape;
  }
};

// The operands one after another along an axis. C1: one element type. C2: the other dimensions agree.
struct Concat {
  static constexpr std::string_view kName = "concat";
  static constexpr Opset kSince = Opset::coreml5;
  std::vector<Value> values;
  int32_t axis = 0;
  bool interleave = false;
  static constexpr auto fields() {
    return std::tuple{field("values", &Concat::values), field("axis", &Concat::axis),
                      field("interleave", &Concat::interleave)};
  }
  std::vector<Type> infer(const Inference& in) const {
    in.check(!values.empty() && !interleave, "want at least one operand and no interleaving");
    Type type = in.tensor(values.front());
    const size_t at = in.axis(axis, type.shape.size());
    for (size_t i = 1; i < values.size(); ++i) {
      in.require_same_dtype(values.front(), values[i]);
      Shape other = in.tensor(values[i]).shape;
      in.check(other.size() == type.shape.size(), "operands {} and {}: want one rank", type, in.tensor(values[i]));
      const int64_t length = other[at];
      other[at] = type.shape[at];
      in.check(other == type.shape, "operands {} and {} differ beyond axis {}", type, in.tensor(values[i]), axis);
      type.shape[at] = length == kUnknown || type.shape[at] == kUnknown ? kUnknown : type.shape[at] + length;
    }
    return {type};
  }
  void eval(Evaluation& e) const {
    std::vector<Tensor> parts;
    for (const Value value : values) parts.push_back(e.get(value));
    const auto rank = static_cast<int32_t>(parts.front().shape().size());
    const auto at = static_cast<size_t>(axis < 0 ? axis + rank : axis);
    for (const Tensor& part : parts) {
      Shape other = part.shape();
      other[at] = parts.front().shape()[at];
      if (other != parts.front().shape()) {
        fail(ErrorCode::invalid, "{}: operands {} and {} differ beyond axis {}", kName,
             to_string(parts.front().shape()), to_string(part.shape()), axis);
      }
    }
    e.set(cortland::concat(parts, at));
  }
};

// Repeats the whole of x reps[k] times along axis k. C1: one count per axis, each at least 1.
struct Tile {
  static constexpr std::string_view kName = "tile";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> reps;
  static constexpr auto fields() { return std::tuple{field("x", &Tile::x), field("reps", &Tile::reps)}; }
  std::vector<Type> infer(const Inference& in) const {
    Type type = in.tensor(x);
    in.check(reps.size() == type.shape.size(), "reps {} for {}: want one per axis", reps, type);
    for (size_t i = 0; i < reps.size(); ++i) {
      in.check(reps[i] > 0, "reps {}: want positive counts", reps);
      if (type.shape[i] != kUnknown) type.shape[i] *= reps[i];
    }
    return {type};
  }
  void eval(Evaluation& e) const { e.set(cortland::tile(e.get(x), reps)); }
};

// Adds elements around x: pad = [before, after] of the last pad.size()/2 axes. Only mode "constant" is known here.
struct Pad {
  static constexpr std::string_view kName = "pad";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::vector<int32_t> pad;
  std::string mode = "constant";
  Scalar constant_val;
  static constexpr auto fields() {
    return std::tuple{field("x", &Pad::x), field("pad", &Pad::pad), field("mode", &Pad::mode),
                      field("constant_val", &Pad::constant_val)};
  }
  std::vector<Type> infer(const Inference& in) const {
    Type type = in.float_tensor(x);
    in.check(mode == "constant" && pad.size() % 2 == 0 && pad.size() / 2 <= type.shape.size(),
             "pad {} in mode {} does not fit {}", pad, mode, type);
    const size_t first = type.shape.size() - pad.size() / 2;
    for (size_t i = 0; i < pad.size(); ++i) {
      in.check(pad[i] >= 0, "pad {}: want no negative count", pad);
      if (type.shape[first + i / 2] != kUnknown) type.shape[first + i / 2] += pad[i];
    }
    return {type};
  }
  void eval(Evaluation& e) const {
    const Tensor& a = e.get(x);
    std::vector<int64_t> before(a.shape().size(), 0), after(a.shape().size(), 0);
    const size_t first = a.shape().size() - pad.size() / 2;
    for (size_t i = 0; i < pad.size(); ++i) (i % 2 == 0 ? before : after)[first + i / 2] = pad[i];
    e.set(cortland::pad(a, before, after, constant_val.value));
  }
};

}  // namespace cortland::mil
