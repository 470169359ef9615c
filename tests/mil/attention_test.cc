#include "mil/ops/attention.h"

#include "mil/evaluation.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

using AttentionTest = OpTest;
using Sdpa = ScaledDotProductAttention;

TEST_F(AttentionTest, Types) {
  const Value q = input({DType::f16, {1, 4, kUnknown, 8}}), k = input({DType::f16, {1, 4, 6, 8}});
  const Value v = input({DType::f16, {1, 4, 6, 5}}), mask = input({DType::f16, {1, 1, kUnknown, 6}});
  const Value flat = input({DType::f16, {6, 8}}), grouped = input({DType::f16, {1, 2, 6, 8}});
  const Value narrow = input({DType::f16, {1, 4, 6, 7}}), longer = input({DType::f16, {1, 4, 7, 5}});
  const Value wide = input({DType::f32, {1, 4, 6, 8}}), bad_mask = input({DType::f16, {2, 1, 1, 6}});
  const Value flags = input({DType::boolean, {1, 1, 1, 6}});
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = k, .value = v}), "fp16[1, 4, ?, 5]");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = k, .value = v, .attn_mask = mask}), "fp16[1, 4, ?, 5]");
  const std::string op = "corrupt: op (scaled_dot_product_attention): ";
  EXPECT_EQ(type_of(Sdpa{.query = flat, .key = flat, .value = flat}), op + "want operands of one rank of at least 3");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = grouped, .value = v}),
            op + "leading dimensions of fp16[1, 4, ?, 8], fp16[1, 2, 6, 8] and fp16[1, 4, 6, 5] differ");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = narrow, .value = v}),
            op + "query fp16[1, 4, ?, 8] and key fp16[1, 4, 6, 7]: want one head width");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = k, .value = longer}),
            op + "key fp16[1, 4, 6, 8] and value fp16[1, 4, 7, 5]: want one length");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = wide, .value = v}),
            op + "operands a and i: got fp16[1, 4, ?, 8] and fp32[1, 4, 6, 8], want one element type");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = k, .value = v, .attn_mask = bad_mask}),
            op + "mask fp16[2, 1, 1, 6] does not broadcast to fp16[1, 4, ?, 6]");
  EXPECT_EQ(type_of(Sdpa{.query = q, .key = k, .value = v, .attn_mask = flags}),
            op + "operand k: got bool[1, 1, 1, 6], want fp16 or fp32");
}

TEST_F(AttentionTest, ByTheDefinition) {
  const int64_t heads = 3, rows = 4, width = 8, length = 5, out = 2;
  const std::vector<float> q = exact_numbers(96, 1, 2), k = exact_numbers(120, 2, 2), v = exact_numbers(30, 3);
  // Row i sees positions up to i + 1.
  std::vector<float> mask;
  for_each_index({rows, length}, [&](const Shape& i) { mask.push_back(i[1] <= i[0] + 1 ? 0.0f : -1e4f); });
  const Value a = input(floats({1, heads, rows, width}, q)), b = input(floats({1, heads, length, width}, k));
  const Value c = input(floats({1, heads, length, out}, v)), m = input(floats({1, 1, rows, length}, mask));
  for (const bool masked : {false, true}) {
    Sdpa op{.query = a, .key = b, .value = c};
    if (masked) op.attn_mask = m;
    const std::vector<float> y = values_of(run(op));
    ASSERT_EQ(y.size(), static_cast<size_t>(heads * rows * out));
    for_each_index({heads, rows, out}, [&](const Shape& i) {
      double sum = 0, weighted = 0;
      for (int64_t s = 0; s < length; ++s) {
        if (masked && s > i[1] + 1) continue;
        double score = 0;
        for (int64_t e = 0; e < width; ++e) {
          score += static_cast<double>(q[offset_of({heads, rows, width}, {i[0], i[1], e})]) *
                   k[offset_of({heads, length, width}, {i[0], s, e})];
        }
        const double weight = std::exp(score / std::sqrt(static_cast<double>(width)));
        sum += weight;
        weighted += weight * v[offset_of({heads, length, out}, {i[0], s, i[2]})];
      }
      EXPECT_NEAR(y[offset_of({heads, rows, out}, i)], weighted / sum, 2e-6);
    });
  }
}

// Whatever of its dimensions a mask leaves out or has once.
TEST_F(AttentionTest, MasksOfEveryShape) {
  const Shape scores{2, 3, 4, 5};
  const Value q = input(floats({2, 3, 4, 8}, exact_numbers(192, 1, 2)));
  const Value k = input(floats({2, 3, 5, 8}, exact_numbers(240, 2, 2)));
  const Value v = input(floats({2, 3, 5, 2}, exact_numbers(60, 3)));
  for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{2, 1, 1, 5}, Shape{1, 3, 4, 1}, Shape{2, 1, 4, 5}, Shape{3, 1, 5},
                             Shape{4, 5}, Shape{5}, Shape{1, 1, 1, 1}}) {
    const std::vector<float> mask = exact_numbers(static_cast<size_t>(element_count(shape)), 4, 2);
    std::vector<float> whole;
    const Shape strides = broadcast_strides(shape, scores);
    for_each_index(scores, [&](const Shape& i) {
      int64_t at = 0;
      for (size_t axis = 0; axis < i.size(); ++axis) at += i[axis] * strides[axis];
      whole.push_back(mask[static_cast<size_t>(at)]);
    });
    const Value narrow = input(floats(shape, mask)), wide = input(floats(scores, whole));
    EXPECT_EQ(values_of(run(Sdpa{.query = q, .key = k, .value = v, .attn_mask = narrow})),
              values_of(run(Sdpa{.query = q, .key = k, .value = v, .attn_mask = wide})))
        << to_string(shape);
  }
}

TEST_F(AttentionTest, ShapesThatOnlyARunKnowsAreChecked) {
  const Type any{DType::f32, {1, kUnknown, 2}};
  const Tensor two = floats({1, 2, 2}, {1, 2, 3, 4}), three = floats({1, 3, 2}, {1, 2, 3, 4, 5, 6});
  const Value q = input(any, two), k = input(any, two), v = input(any, three);
  EXPECT_EQ(failure([&] { run(Sdpa{.query = q, .key = k, .value = v}); }),
            "invalid: scaled_dot_product_attention: query [1, 2, 2], key [1, 2, 2] and value [1, 3, 2] do not fit");
  const Value mask = input({DType::f32, {kUnknown, kUnknown}}, floats({2, 3}, std::vector<float>(6)));
  EXPECT_EQ(failure([&] { run(Sdpa{.query = q, .key = k, .value = k, .attn_mask = mask}); }),
            "invalid: scaled_dot_product_attention: mask [2, 3] does not broadcast to [1, 2, 2]");
}

}  // namespace
}  // namespace cortland::mil
