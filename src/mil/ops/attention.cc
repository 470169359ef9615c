#include "mil/ops/attention.h"

namespace cortland::mil {
namespace {

Shape leading(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

// A mask as it lies under scores [..., L, S].
struct MaskView {
  Floats values;
  Shape scores, strides;

  // Adds the part for the b-th [L, S].
  void add(int64_t b, int64_t rows, int64_t length, float* out) const {
    const size_t rank = scores.size();
    int64_t start = 0;
    for (size_t axis = rank - 2; axis-- > 0; b /= scores[axis]) start += b % scores[axis] * strides[axis];
    for (int64_t r = 0; r < rows; ++r, out += length) {
      const float* row = values.data() + start + r * strides[rank - 2];
      for (int64_t s = 0; s < length; ++s) out[s] += row[s * strides[rank - 1]];
    }
  }
};

MaskView view_mask(const Tensor& mask, const Shape& scores) {
  if (broadcast_shapes(mask.shape(), scores) != scores) {
    fail(ErrorCode::invalid, "{}: mask {} does not broadcast to {}", ScaledDotProductAttention::kName,
         to_string(mask.shape()), to_string(scores));
  }
  return {mask.floats(), scores, broadcast_strides(mask.shape(), scores)};
}

}  // namespace

std::vector<Type> ScaledDotProductAttention::infer(const Inference& in) const {
  const Type &q = in.float_tensor(query), &k = in.float_tensor(key), &v = in.float_tensor(value);
  in.require_same_dtype(query, key);
  in.require_same_dtype(query, value);
  const size_t rank = q.shape.size();
  in.check(rank >= 3 && k.shape.size() == rank && v.shape.size() == rank, "want operands of one rank of at least 3");
  in.check(leading(q.shape) == leading(k.shape) && leading(q.shape) == leading(v.shape),
           "leading dimensions of {}, {} and {} differ", q, k, v);
  in.check(q.shape[rank - 1] == k.shape[rank - 1], "query {} and key {}: want one head width", q, k);
  in.check(k.shape[rank - 2] == v.shape[rank - 2], "key {} and value {}: want one length", k, v);
  if (attn_mask) {
    Shape scores = q.shape;
    scores.back() = k.shape[rank - 2];
    const auto shape = broadcast_shapes(in.float_tensor(*attn_mask).shape, scores);
    in.check(shape == scores, "mask {} does not broadcast to {}", in.tensor(*attn_mask), Type{q.dtype, scores});
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
  std::optional<MaskView> mask;
  if (attn_mask) mask = view_mask(e.get(*attn_mask), score_shape);
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  std::vector<float> y(static_cast<size_t>(element_count(shape)));
  const size_t work = to_size(rows * length * (width + out_width));
  parallel_for(to_size(batch), grain_for(work), [&](size_t begin, size_t end) {
    std::vector<float> scores(to_size(rows * length));  // of one head: those of all take as much memory as all else
    for (auto b = static_cast<int64_t>(begin); b < static_cast<int64_t>(end); ++b) {
      cortland::matmul(fq.data() + b * rows * width, Storage::plain, fk.data() + b * length * width,
                       Storage::transposed, rows, length, width, scores.data());
      for (float& score : scores) score *= scale;
      if (mask) mask->add(b, rows, length, scores.data());
      softmax(AxisView{rows, length, 1}, scores.data(), scores.data());
      cortland::matmul(scores.data(), Storage::plain, fv.data() + b * length * out_width, Storage::plain, rows,
                       out_width, length, y.data() + b * rows * out_width);
    }
  });
  e.set(Tensor::of_floats(q.dtype(), std::move(shape), std::move(y)));
}

}  // namespace cortland::mil
