#include "mil/ops/elementwise.h"

#include "mil/evaluation.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

using ElementwiseTest = OpTest;

TEST_F(ElementwiseTest, TypesBroadcastAndAgree) {
  const Value a = input({DType::f16, {2, 1}}), b = input({DType::f16, {3}}), c = input({DType::f16, {4}});
  const Value d = input({DType::f16, {kUnknown, 3}}), e = input({DType::f32, {3}}), f = input({DType::f16, {3}, true});
  EXPECT_EQ(type_of(Add{.x = a, .y = b}), "fp16[2, 3]");
  EXPECT_EQ(type_of(Mul{.x = d, .y = a}), "fp16[2, 3]");
  EXPECT_EQ(type_of(Mul{.x = d, .y = b}), "fp16[?, 3]");
  EXPECT_EQ(type_of(Sub{.x = b, .y = c}), "corrupt: op (sub): shapes fp16[3] and fp16[4] do not broadcast");
  EXPECT_EQ(type_of(RealDiv{.x = b, .y = e}),
            "corrupt: op (real_div): operands b and e: got fp16[3] and fp32[3], want one element type");
  EXPECT_EQ(type_of(Maximum{.x = b, .y = f}), "corrupt: op (maximum): operand f is a state, want a tensor");
  EXPECT_EQ(type_of(Silu{.x = d}), "fp16[?, 3]");
  EXPECT_EQ(type_of(Exp{.x = input({DType::i32, {2}})}),
            "corrupt: op (exp): operand g: got int32[2], want fp16 or fp32");
}

// z = f(x, y) for x [2, 1, 3] and y [4, 1], against the same operation in double.
template <typename Op>
void expect_binary(const std::vector<float>& got, double (*f)(double, double)) {
  const std::vector<float> x = exact_numbers(6, 1, 4), y = exact_numbers(4, 2, 2);
  std::vector<float> want;
  for_each_index({2, 4, 3}, [&](const Shape& i) {
    const auto at_x = static_cast<size_t>(i[0] * 3 + i[2]), at_y = static_cast<size_t>(i[1]);
    want.push_back(static_cast<float>(f(x[at_x], y[at_y])));
  });
  EXPECT_EQ(got, want) << Op::kName;
}

TEST_F(ElementwiseTest, FloatsByIndex) {
  const Value x = input(floats({2, 1, 3}, exact_numbers(6, 1, 4))), y = input(floats({4, 1}, exact_numbers(4, 2, 2)));
  expect_binary<Add>(values_of(run(Add{.x = x, .y = y})), [](double a, double b) { return a + b; });
  expect_binary<Sub>(values_of(run(Sub{.x = x, .y = y})), [](double a, double b) { return a - b; });
  expect_binary<Mul>(values_of(run(Mul{.x = x, .y = y})), [](double a, double b) { return a * b; });
  expect_binary<RealDiv>(values_of(run(RealDiv{.x = x, .y = y})), [](double a, double b) { return a / b; });
  expect_binary<Maximum>(values_of(run(Maximum{.x = x, .y = y})), [](double a, double b) { return a > b ? a : b; });
  expect_binary<Minimum>(values_of(run(Minimum{.x = x, .y = y})), [](double a, double b) { return a < b ? a : b; });
}

TEST_F(ElementwiseTest, IntegersWrapAndNeverTrap) {
  const Value x = input(ints({5}, {7, -7, INT32_MAX, INT32_MIN, 5})), y = input(ints({5}, {2, 2, 1, -1, 0}));
  const auto result = [&](const Tensor& t) { return std::vector<int32_t>(t.ints().begin(), t.ints().end()); };
  using Ints32 = std::vector<int32_t>;
  EXPECT_EQ(result(run(Add{.x = x, .y = y})), (Ints32{9, -5, INT32_MIN, INT32_MAX, 5}));
  EXPECT_EQ(result(run(Sub{.x = x, .y = y})), (Ints32{5, -9, INT32_MAX - 1, INT32_MIN + 1, 5}));
  EXPECT_EQ(result(run(Mul{.x = x, .y = y})), (Ints32{14, -14, INT32_MAX, INT32_MIN, 0}));
  EXPECT_EQ(result(run(RealDiv{.x = x, .y = y})), (Ints32{3, -3, INT32_MAX, INT32_MIN, 0}));
  EXPECT_EQ(result(run(Maximum{.x = x, .y = y})), (Ints32{7, 2, INT32_MAX, -1, 5}));
  EXPECT_EQ(result(run(Minimum{.x = x, .y = y})), (Ints32{2, -7, 1, INT32_MIN, 0}));
}

TEST_F(ElementwiseTest, ShapesThatOnlyARunKnowsAreChecked) {
  const Value x = input({DType::f32, {kUnknown}}, floats({2}, {1, 2})),
              y = input({DType::f32, {3}}, floats({3}, {1, 2, 3}));
  EXPECT_EQ(failure([&] { run(Add{.x = x, .y = y}); }), "invalid: add: shapes [2] and [3] do not broadcast");
}

TEST_F(ElementwiseTest, RsqrtAddsItsEpsilon) {
  const Value x = input(floats({4}, {0, 0.25f, 4, 1e10f}));
  EXPECT_EQ(type_of(Rsqrt{.x = input({DType::f16, {1, kUnknown}}), .epsilon = {1e-5f, DType::f32}}), "fp16[1, ?]");
  EXPECT_EQ(type_of(Rsqrt{.x = input({DType::i32, {2}}), .epsilon = {0, DType::f32}}),
            "corrupt: op (rsqrt): operand c: got int32[2], want fp16 or fp32");
  EXPECT_EQ(values_of(run(Rsqrt{.x = x, .epsilon = {0.0625f, DType::f32}}))[0], 4);
  const std::vector<float> y = values_of(run(Rsqrt{.x = x, .epsilon = {1e-5f, DType::f32}}));
  for (const auto& [i, v] : {std::pair(0u, 0.0), {1u, 0.25}, {2u, 4.0}, {3u, 1e10}}) {
    const double want = 1 / std::sqrt(v + 1e-5);
    EXPECT_NEAR(y[i], want, 1e-6 * want);
  }
}

template <typename Op>
std::vector<float> numbers_for() {
  if (Op::kName == "sqrt") return {0, 0.25f, 2, 65504};
  if (Op::kName == "exp") return {-100, -1, 0, 0.5f, 10, 88};
  return {-100, -20, -3, -0.5f, -1e-3f, 0, 1e-3f, 0.5f, 3, 20, 100};
}

template <typename Op>
void expect_unary(const std::vector<float>& y, double (*f)(double)) {
  const std::vector<float> x = numbers_for<Op>();
  ASSERT_EQ(y.size(), x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = f(x[i]);
    EXPECT_NEAR(y[i], want, 1e-6 * std::abs(want) + 1e-38) << Op::kName << "(" << x[i] << ")";
  }
}

TEST_F(ElementwiseTest, UnaryByTheDefinition) {
  const auto of = [&](std::vector<float> x) { return input(floats({static_cast<int64_t>(x.size())}, x)); };
  expect_unary<Silu>(values_of(run(Silu{.x = of(numbers_for<Silu>())})),
                     [](double v) { return v / (1 + std::exp(-v)); });
  expect_unary<Sigmoid>(values_of(run(Sigmoid{.x = of(numbers_for<Sigmoid>())})),
                        [](double v) { return 1 / (1 + std::exp(-v)); });
  expect_unary<Tanh>(values_of(run(Tanh{.x = of(numbers_for<Tanh>())})), [](double v) { return std::tanh(v); });
  expect_unary<Relu>(values_of(run(Relu{.x = of(numbers_for<Relu>())})), [](double v) { return v > 0 ? v : 0; });
  expect_unary<Exp>(values_of(run(Exp{.x = of(numbers_for<Exp>())})), [](double v) { return std::exp(v); });
  expect_unary<Sqrt>(values_of(run(Sqrt{.x = of(numbers_for<Sqrt>())})), [](double v) { return std::sqrt(v); });
}

}  // namespace
}  // namespace cortland::mil
