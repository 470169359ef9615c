#include "mil/ops/linear.h"

#include "mil/evaluation.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

using MatmulTest = OpTest;
using LinearTest = OpTest;
using ConvTest = OpTest;

TEST_F(MatmulTest, TypesOfEveryForm) {
  const Value a = input({DType::f16, {2, 1, 3, 4}}), b = input({DType::f16, {5, 4, 6}}),
              c = input({DType::f16, {6, 4}});
  const Value d = input({DType::f16, {kUnknown, 4}}), e = input({DType::f16, {4}}), f = input({DType::f32, {4, 6}});
  const Value g = input({DType::f16, {3, 4, 6}}), h = input({DType::i32, {4, 4}});
  EXPECT_EQ(type_of(Matmul{.x = a, .y = b}), "fp16[2, 5, 3, 6]");
  EXPECT_EQ(type_of(Matmul{.x = a, .y = c, .transpose_y = true}), "fp16[2, 1, 3, 6]");
  EXPECT_EQ(type_of(Matmul{.x = c, .y = c, .transpose_x = true}), "fp16[4, 4]");
  EXPECT_EQ(type_of(Matmul{.x = d, .y = c, .transpose_y = true}), "fp16[?, 6]");
  EXPECT_EQ(type_of(Matmul{.x = d, .y = c, .transpose_x = true}), "fp16[4, 4]");
  EXPECT_EQ(type_of(Matmul{.x = a, .y = c}),
            "corrupt: op (matmul): inner dimensions of fp16[2, 1, 3, 4] and fp16[6, 4] differ");
  EXPECT_EQ(type_of(Matmul{.x = c, .y = e}),
            "corrupt: op (matmul): operands fp16[6, 4] and fp16[4]: want rank 2 or more");
  EXPECT_EQ(type_of(Matmul{.x = c, .y = f}),
            "corrupt: op (matmul): operands c and f: got fp16[6, 4] and fp32[4, 6], want one element type");
  EXPECT_EQ(type_of(Matmul{.x = b, .y = g, .transpose_y = true}),
            "corrupt: op (matmul): batch dimensions of fp16[5, 4, 6] and fp16[3, 4, 6] do not broadcast");
  EXPECT_EQ(type_of(Matmul{.x = c, .y = h}), "corrupt: op (matmul): operand h: got int32[4, 4], want fp16 or fp32");
}

TEST_F(MatmulTest, EveryFormByIndex) {
  const Shape batch_x{2, 1}, batch_y{3}, batch{2, 3};
  const int64_t m = 4, k = 5, n = 3;
  for (const bool transpose_x : {false, true}) {
    for (const bool transpose_y : {false, true}) {
      const Shape x_shape = transpose_x ? Shape{2, 1, k, m} : Shape{2, 1, m, k};
      const Shape y_shape = transpose_y ? Shape{3, n, k} : Shape{3, k, n};
      const std::vector<float> x = exact_numbers(40, 1), y = exact_numbers(45, 2);
      std::vector<float> want;
      for_each_index({2, 3, m, n}, [&](const Shape& i) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l) {
          const Shape at_x = transpose_x ? Shape{i[0], 0, l, i[2]} : Shape{i[0], 0, i[2], l};
          const Shape at_y = transpose_y ? Shape{i[1], i[3], l} : Shape{i[1], l, i[3]};
          sum += static_cast<double>(x[offset_of(x_shape, at_x)]) * y[offset_of(y_shape, at_y)];
        }
        want.push_back(static_cast<float>(sum));
      });
      const Value a = input(floats(x_shape, x)), b = input(floats(y_shape, y));
      EXPECT_EQ(values_of(run(Matmul{.x = a, .y = b, .transpose_x = transpose_x, .transpose_y = transpose_y})), want);
    }
  }
}

TEST_F(MatmulTest, ShapesThatOnlyARunKnowsAreChecked) {
  const Value x = input({DType::f32, {1, kUnknown}}, floats({1, 2}, {1, 2}));
  const Value y = input({DType::f32, {3, 1}}, floats({3, 1}, {1, 2, 3}));
  EXPECT_EQ(failure([&] { run(Matmul{.x = x, .y = y}); }),
            "invalid: matmul: inner dimensions of [1, 2] and [3, 1] differ");
}

TEST_F(LinearTest, Types) {
  const Value x = input({DType::f16, {1, kUnknown, 4}}), w = input({DType::f16, {6, 4}}), b = input({DType::f16, {6}});
  const Value flat = input({DType::f16, {4}}), deep = input({DType::f16, {1, 1, 2, 4}}),
              other = input({DType::f16, {6, 5}});
  EXPECT_EQ(type_of(Linear{.x = x, .weight = w, .bias = b}), "fp16[1, ?, 6]");
  EXPECT_EQ(type_of(Linear{.x = flat, .weight = w, .bias = b}), "fp16[6]");
  EXPECT_EQ(type_of(Linear{.x = deep, .weight = w, .bias = b}),
            "corrupt: op (linear): operand fp16[1, 1, 2, 4]: want rank 1 to 3");
  EXPECT_EQ(type_of(Linear{.x = x, .weight = other, .bias = b}),
            "corrupt: op (linear): inner dimensions of fp16[1, ?, 4] and weight fp16[6, 5] differ");
  EXPECT_EQ(type_of(Linear{.x = x, .weight = x, .bias = b}),
            "corrupt: op (linear): weight fp16[1, ?, 4]: want rank 2 and fixed sides");
  EXPECT_EQ(type_of(Linear{.x = x, .weight = w, .bias = flat}), "corrupt: op (linear): bias: got fp16[4], want [6]");
}

TEST_F(LinearTest, StoredAndComputedWeightsByIndex) {
  const int64_t in = 9, out = 70;
  for (const Shape& rows : {Shape{}, Shape{5}, Shape{2, 3}}) {
    const int64_t n = element_count(rows);
    const std::vector<float> x = exact_numbers(static_cast<size_t>(n * in), 1);
    const std::vector<float> w = exact_numbers(static_cast<size_t>(out * in), 2);
    const std::vector<float> b = exact_numbers(static_cast<size_t>(out), 3);
    std::vector<float> want;
    for_each_index({n, out}, [&](const Shape& i) {
      double sum = b[static_cast<size_t>(i[1])];
      for (int64_t c = 0; c < in; ++c) {
        sum += static_cast<double>(x[static_cast<size_t>(i[0] * in + c)]) * w[static_cast<size_t>(i[1] * in + c)];
      }
      want.push_back(static_cast<float>(sum));
    });
    Shape x_shape = rows;
    x_shape.push_back(in);
    const auto owner = std::make_shared<std::vector<std::byte>>(stored_as(DType::f16, w));
    for (const Tensor& weight : {floats({out, in}, w), Tensor::of_stored(DType::f16, {out, in}, *owner, owner)}) {
      const Value a = input(floats(x_shape, x)), k = input(weight), bias = input(floats({out}, b));
      EXPECT_EQ(values_of(run(Linear{.x = a, .weight = k, .bias = bias})), want);
    }
  }
}

TEST_F(LinearTest, AFlexibleWidthIsCheckedInARun) {
  const Value x = input({DType::f32, {1, kUnknown}}, floats({1, 3}, {1, 2, 3}));
  const Value w = input(floats({1, 2}, {1, 2})), b = input(floats({1}, {0}));
  EXPECT_EQ(failure([&] { run(Linear{.x = x, .weight = w, .bias = b}); }),
            "invalid: linear: inner dimensions of [1, 3] and [1, 2] differ");
}

TEST_F(ConvTest, TypesAndWhatIsNotKnown) {
  const Value x = input({DType::f16, {1, 4, 1, kUnknown}}), w = input({DType::f16, {6, 4, 1, 1}});
  const Value wide = input({DType::f16, {6, 4, 1, 3}}), other = input({DType::f16, {6, 5, 1, 1}});
  const Value bias = input({DType::f16, {6}}), short_bias = input({DType::f16, {5}}),
              flat = input({DType::f16, {6, 4}});
  const std::string known = "corrupt: op (conv): only 1x1 kernels without padding, stride or groups are known here";
  EXPECT_EQ(type_of(Conv{.x = x, .weight = w}), "fp16[1, 6, 1, ?]");
  EXPECT_EQ(type_of(Conv{.x = x, .weight = w, .bias = bias}), "fp16[1, 6, 1, ?]");
  EXPECT_EQ(type_of(Conv{.x = x, .weight = wide}), known);
  EXPECT_EQ(type_of(Conv{.x = x, .weight = w, .strides = {1, 2}}), known);
  EXPECT_EQ(type_of(Conv{.x = x, .weight = w, .pad = {0, 0, 1, 1}}), known);
  EXPECT_EQ(type_of(Conv{.x = x, .weight = w, .groups = 2}), known);
  EXPECT_EQ(type_of(Conv{.x = x, .weight = other}),
            "corrupt: op (conv): channels of fp16[1, 4, 1, ?] and weight fp16[6, 5, 1, 1] differ");
  EXPECT_EQ(type_of(Conv{.x = x, .weight = flat}),
            "corrupt: op (conv): operands fp16[1, 4, 1, ?] and fp16[6, 4]: want rank 4");
  EXPECT_EQ(type_of(Conv{.x = x, .weight = w, .bias = short_bias}), "corrupt: op (conv): bias: got fp16[5], want [6]");
}

TEST_F(ConvTest, StoredAndComputedWeightsByIndex) {
  for (const auto& [batch, height, width] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {1, 1, 5}, {2, 2, 3}}) {
    const int64_t in = 9, out = 70;
    const Shape x_shape{batch, in, height, width}, y_shape{batch, out, height, width};
    const std::vector<float> x = exact_numbers(static_cast<size_t>(element_count(x_shape)), 1);
    const std::vector<float> w = exact_numbers(static_cast<size_t>(out * in), 2);
    const std::vector<float> b = exact_numbers(static_cast<size_t>(out), 3);
    std::vector<float> plain, biased;
    for_each_index(y_shape, [&](const Shape& i) {
      double sum = 0;
      for (int64_t c = 0; c < in; ++c) {
        sum +=
            static_cast<double>(x[offset_of(x_shape, {i[0], c, i[2], i[3]})]) * w[static_cast<size_t>(i[1] * in + c)];
      }
      plain.push_back(static_cast<float>(sum));
      biased.push_back(static_cast<float>(sum + b[static_cast<size_t>(i[1])]));
    });
    const auto owner = std::make_shared<std::vector<std::byte>>(stored_as(DType::f16, w));
    for (const Tensor& weight :
         {floats({out, in, 1, 1}, w), Tensor::of_stored(DType::f16, {out, in, 1, 1}, *owner, owner)}) {
      const Value a = input(floats(x_shape, x)), k = input(weight), bias = input(floats({out}, b));
      EXPECT_EQ(values_of(run(Conv{.x = a, .weight = k})), plain);
      EXPECT_EQ(values_of(run(Conv{.x = a, .weight = k, .bias = bias})), biased);
    }
  }
}

}  // namespace
}  // namespace cortland::mil
