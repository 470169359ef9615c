#include "mil/ops/attention.h"

namespace cortland::mil {
namespace {

Shape leading(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

}  // namespace

std::vector<Type> ScaledDotProductAttention::infer(const Inference& in) const {
  const Type &q = in.float_tensor(query), &k = in.float_tensor(key), &v = in.float_tensor(value);
  in.require_same_dtype(query, key);
  in.require_same_dtype(query, value);
  const size_t rank = q.shape.size();
  in.check(rank >= 3 && k.shape.size() == rank && v.shape.size() == rank, "want operands of one rank of at least 3");
  in.check(leading(q.shape) == leading(k.shape) && leading(q.shape) == leading(v.shape),
           "leading dimensions of {}, {} and {} differ", to_string(q), to_string(k), to_string(v));
  in.check(q.shape[rank - 1] == k.shape[rank - 1], "query {} and key {}: want one head width", to_string(q),
           to_string(k));
  in.check(k.shape[rank - 2] == v.shape[rank - 2], "key {} and value {}: want one length", to_string(k),
           to_string(v));
  if (attn_mask) {
    Shape scores = q.shape;
    scores.back() = k.shape[rank - 2];
    const auto shape = broadcast_shapes(in.float_tensor(*attn_mask).shape, scores);
    in.check(shape == scores, "mask {} does not broadcast to {}", to_string(in.tensor(*attn_mask)),
             to_string(Type{q.dtype, scores}));
  }
  Shape shape = q.shape;
  shape.back() = v.shape.back();
  return {{q.dtype, std::move(shape)}};
}

void ScaledDotProductAttention::eval(Evaluation& e) const {
  const Tensor &q = e.get(query), &k = e.get(key), &v = e.get(value);
  const size_t rank = q.shape().size();
  const int64_t rows = q.shape()[rank - 2], width = q.shape()[rank - 1];
  const int64_t length = k.shape()[rank - 2], out_width = v.shape()[rank - 1];
  if (leading(q.shape()) != leading(k.shape()) || leading(q.shape()) != leading(v.shape()) ||
      width != k.shape()[rank - 1] || length != v.shape()[rank - 2]) {
    fail(ErrorCode::invalid, "{}: query {}, key {} and value {} do not fit", kName, to_string(q.shape()),
         to_string(k.shape()), to_string(v.shape()));
  }
  const int64_t batch = element_count(leading(q.shape()));
  const Floats fq = q.floats(), fk = k.floats(), fv = v.floats();
  Shape shape = q.shape(), score_shape = q.shape();
  shape.back() = out_width;
  score_shape.back() = length;
  std::vector<float> scores(static_cast<size_t>(element_count(score_shape)));
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  parallel_for(to_size(batch), grain_for(to_size(rows * length * width)), [&](size_t begin, size_t end) {
    for (auto b = static_cast<int64_t>(begin); b < static_cast<int64_t>(end); ++b) {
      cortland::matmul(fq.data() + b * rows * width, Storage::plain, fk.data() + b * length * width,
                       Storage::transposed, rows, length, width, scores.data() + b * rows * length);
      for (int64_t i = b * rows * length; i < (b + 1) * rows * length; ++i) scores[static_cast<size_t>(i)] *= scale;
    }
  });
  if (attn_mask) {
    const Tensor& mask = e.get(*attn_mask);
    if (broadcast_shapes(mask.shape(), score_shape) != score_shape) {
      fail(ErrorCode::invalid, "{}: mask {} does not broadcast to {}", kName, to_string(mask.shape()),
           to_string(score_shape));
    }
    const Floats values = mask.floats();
    broadcast(score_shape, scores.data(), mask.shape(), values.data(), score_shape, scores.data(),
              [](float score, float bias) { return score + bias; });
  }
  softmax(AxisView{batch * rows, length, 1}, scores.data(), scores.data());
  std::vector<float> y(static_cast<size_t>(element_count(shape)));
  parallel_for(to_size(batch), grain_for(to_size(rows * length * out_width)), [&](size_t begin, size_t end) {
    for (auto b = static_cast<int64_t>(begin); b < static_cast<int64_t>(end); ++b) {
      cortland::matmul(scores.data() + b * rows * length, Storage::plain, fv.data() + b * length * out_width,
                       Storage::plain, rows, out_width, length, y.data() + b * rows * out_width);
    }
  });
  e.set(Tensor::of_floats(q.dtype(), std::move(shape), std::move(y)));
}

}  // namespace cortland::mil
