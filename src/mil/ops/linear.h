// Matrix products: matmul, linear, conv.
#pragma once

#include <algorithm>

#include "base/parallel.h"
#include "mil/op.h"
#include "tensor/broadcast.h"
#include "tensor/matmul.h"

namespace cortland::mil {

// A weight [rows, cols, ...] as multiply_weights() takes it; the tensor must outlive it.
class StoredMatrix {
 public:
  explicit StoredMatrix(const Tensor& weight)
      : dense_(weight.is_stored() || weight.encoded() != nullptr ? Floats(std::vector<float>{}) : weight.floats()),
        view_{weight.is_stored() ? weight.dtype() : DType::f32, weight.shape()[0], weight.shape()[1],
              weight.is_stored() ? weight.stored().data() : reinterpret_cast<const std::byte*>(dense_.data()),
              weight.encoded()} {}
  StoredMatrix(const StoredMatrix&) = delete;
  StoredMatrix& operator=(const StoredMatrix&) = delete;

  const WeightMatrix& view() const { return view_; }

 private:
  Floats dense_;
  WeightMatrix view_;
};

// z[..., M, N] = x[..., M, K] y[..., K, N]; transpose_x and transpose_y swap the last two axes first.
// C1: ranks of at least 2. C2: one element type. C3: the inner dimensions agree. C4: the batch dimensions broadcast.
struct Matmul {
  static constexpr std::string_view kName = "matmul";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Value y;
  bool transpose_x = false;
  bool transpose_y = false;
  static constexpr auto fields() {
    return std::tuple{field("x", &Matmul::x), field("y", &Matmul::y), field("transpose_x", &Matmul::transpose_x),
                      field("transpose_y", &Matmul::transpose_y)};
  }

  std::vector<Type> infer(const Inference& in) const {
    const Type &a = in.float_tensor(x), &b = in.float_tensor(y);
    in.check(a.shape.size() >= 2 && b.shape.size() >= 2, "operands {} and {}: want rank 2 or more", a, b);
    in.require_same_dtype(x, y);
    const auto [m, k] = matrix(a.shape, transpose_x);
    const auto [k2, n] = matrix(b.shape, transpose_y);
    in.check(k == k2 || k == kUnknown || k2 == kUnknown, "inner dimensions of {} and {} differ", a, b);
    const auto batch = broadcast_shapes(batch_of(a.shape), batch_of(b.shape));
    in.check(batch.has_value(), "batch dimensions of {} and {} do not broadcast", a, b);
    Shape shape = *batch;
    shape.insert(shape.end(), {m, n});
    return {{a.dtype, std::move(shape)}};
  }
  void eval(Evaluation& e) const {
    const Tensor &a = e.get(x), &b = e.get(y);
    const auto [m, k] = matrix(a.shape(), transpose_x);
    const auto [k2, n] = matrix(b.shape(), transpose_y);
    if (k != k2) {
      fail(ErrorCode::invalid, "{}: inner dimensions of {} and {} differ", kName, to_string(a.shape()),
           to_string(b.shape()));
    }
    const Shape batch = run_time_shape(kName, batch_of(a.shape()), batch_of(b.shape()));
    Shape shape = batch;
    shape.insert(shape.end(), {m, n});
    std::vector<float> z(static_cast<size_t>(element_count(shape)));
    // Offsets of the matrices of each batch entry, in matrices.
    Shape batch_and_one = batch, a_batch = batch_of(a.shape()), b_batch = batch_of(b.shape());
    for (Shape* s : {&batch_and_one, &a_batch, &b_batch}) s->push_back(1);
    std::vector<std::pair<int64_t, int64_t>> offsets;
    for_each_row(plan_broadcast(a_batch, b_batch, batch_and_one),
                 [&](int64_t at_a, int64_t at_b, int64_t) { offsets.emplace_back(at_a, at_b); });
    const Floats fa = a.floats(), fb = b.floats();
    const auto storage = [](bool transposed) { return transposed ? Storage::transposed : Storage::plain; };
    parallel_for(offsets.size(), grain_for(to_size(m * n * k)),
                 [&, rows = m, cols = n, inner = k](size_t begin, size_t end) {
                   for (size_t i = begin; i < end; ++i) {
                     cortland::matmul(fa.data() + offsets[i].first * rows * inner, storage(transpose_x),
                                      fb.data() + offsets[i].second * inner * cols, storage(transpose_y), rows, cols,
                                      inner, z.data() + static_cast<int64_t>(i) * rows * cols);
                   }
                 });
    e.set(Tensor::of_floats(a.dtype(), std::move(shape), std::move(z)));
  }

 private:
  static std::pair<int64_t, int64_t> matrix(const Shape& s, bool transposed) {
    const int64_t rows = s[s.size() - 2], cols = s[s.size() - 1];
    return transposed ? std::pair(cols, rows) : std::pair(rows, cols);
  }
  static Shape batch_of(const Shape& s) { return Shape(s.begin(), s.end() - 2); }
};

// y[..., Dout] = x[..., Din] weight[Dout, Din]^T + bias[Dout].
// C1: x of rank 1 to 3. C2: fixed weight and bias. C3: the inner dimensions agree. The bias is always written: the run
// time does not apply its default.
struct Linear {
  static constexpr std::string_view kName = "linear";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Value weight;
  Value bias;
  static constexpr auto fields() {
    return std::tuple{field("x", &Linear::x), field("weight", &Linear::weight), field("bias", &Linear::bias)};
  }

  std::vector<Type> infer(const Inference& in) const {
    const Type &a = in.float_tensor(x), &w = in.float_tensor(weight), &b = in.float_tensor(bias);
    in.check(!a.shape.empty() && a.shape.size() <= 3, "operand {}: want rank 1 to 3", a);
    in.check(w.shape.size() == 2 && is_fixed(w.shape), "weight {}: want rank 2 and fixed sides", w);
    in.check(a.shape.back() == w.shape[1] || a.shape.back() == kUnknown, "inner dimensions of {} and weight {} differ",
             a, w);
    in.check(b.shape == Shape{w.shape[0]}, "bias: got {}, want [{}]", b, w.shape[0]);
    Shape shape = a.shape;
    shape.back() = w.shape[0];
    return {{a.dtype, std::move(shape)}};
  }
  void eval(Evaluation& e) const {
    const Tensor &a = e.get(x), &w = e.get(weight);
    const StoredMatrix matrix(w);
    if (a.shape().back() != matrix.view().cols) {
      fail(ErrorCode::invalid, "{}: inner dimensions of {} and {} differ", kName, to_string(a.shape()),
           to_string(w.shape()));
    }
    const Floats values = a.floats(), b = e.get(bias).floats();
    Shape shape = a.shape();
    shape.back() = matrix.view().rows;
    const int64_t vectors = a.size() / matrix.view().cols;
    std::vector<float> y(static_cast<size_t>(element_count(shape)));
    multiply_weights(matrix.view(), values.data(), vectors, VectorLayout::rows, y.data());
    for (size_t first = 0; first < y.size(); first += b.size()) {
      for (size_t i = 0; i < b.size(); ++i) y[first + i] += b[i];
    }
    e.set(Tensor::of_floats(a.dtype(), std::move(shape), std::move(y)));
  }
};

// y[n, Cout, H, W] = weight[Cout, Cin, 1, 1] x[n, Cin, H, W] + bias[Cout].
// C1: rank 4. C2: fixed weight. C3: channels agree. The meaning is implemented for 1x1 kernels, the only ones written
// here.
struct Conv {
  static constexpr std::string_view kName = "conv";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Value weight;
  std::optional<Value> bias = {};
  std::vector<int32_t> strides = {1, 1};
  std::string pad_type = "valid";
  std::vector<int32_t> pad = {0, 0, 0, 0};
  std::vector<int32_t> dilations = {1, 1};
  int32_t groups = 1;
  static constexpr auto fields() {
    return std::tuple{field("x", &Conv::x),
                      field("weight", &Conv::weight),
                      optional_field("bias", &Conv::bias),
                      field("strides", &Conv::strides),
                      field("pad_type", &Conv::pad_type),
                      field("pad", &Conv::pad),
                      field("dilations", &Conv::dilations),
                      field("groups", &Conv::groups)};
  }

  std::vector<Type> infer(const Inference& in) const {
    const Type &a = in.float_tensor(x), &w = in.float_tensor(weight);
    in.check(a.shape.size() == 4 && w.shape.size() == 4, "operands {} and {}: want rank 4", a, w);
    in.check(groups == 1 && w.shape[2] == 1 && w.shape[3] == 1 && strides == std::vector<int32_t>{1, 1} &&
                 pad == std::vector<int32_t>(4, 0),
             "only 1x1 kernels without padding, stride or groups are known here");
    in.check(a.shape[1] == w.shape[1], "channels of {} and weight {} differ", a, w);
    if (bias) {
      in.check(in.tensor(*bias).shape == Shape{w.shape[0]}, "bias: got {}, want [{}]", in.tensor(*bias), w.shape[0]);
    }
    return {{a.dtype, {a.shape[0], w.shape[0], a.shape[2], a.shape[3]}}};
  }
  void eval(Evaluation& e) const {
    const Tensor &a = e.get(x), &w = e.get(weight);
    const Floats values = a.floats();
    const Shape shape{a.shape()[0], w.shape()[0], a.shape()[2], a.shape()[3]};
    const int64_t positions = shape[2] * shape[3];
    std::vector<float> y(static_cast<size_t>(element_count(shape)));
    const StoredMatrix stored(w);
    const WeightMatrix& matrix = stored.view();
    for (int64_t n = 0; n < shape[0]; ++n) {
      multiply_weights(matrix, values.data() + n * matrix.cols * positions, positions, VectorLayout::columns,
                       y.data() + n * matrix.rows * positions);
    }
    if (bias) {
      const Floats b = e.get(*bias).floats();
      for (size_t i = 0; i < y.size(); ++i) {
        y[i] += b[i / static_cast<size_t>(positions) % static_cast<size_t>(matrix.rows)];
      }
    }
    e.set(Tensor::of_floats(a.dtype(), shape, std::move(y)));
  }
};

}  // namespace cortland::mil
