#include "mil/instance.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "mil/builder.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"

namespace cortland::mil {
namespace {

// Operations on x fp16[2, 3], n int32[2] and the const axis = 1, changed by hand.
class InstanceTest : public testing::Test {
 protected:
  InstanceTest() {
    x_ = builder_.input("x", {DType::f16, {2, 3}});
    n_ = builder_.input("n", {DType::i32, {2}});
    axis_ = builder_.constant("axis", Literal::of(int32_t{1}));
  }

  template <MilOp Op>
  Operation operation(const Op& op) {
    Operation result = to_operation(op);
    result.name = "op";
    return result;
  }
  std::string result(const Operation& operation) {
    const Function function = Builder(builder_).finish();
    std::string text;
    const std::string failed = failure([&] {
      const auto types = instantiate(function, operation)->infer(Inference(function, operation));
      for (const Type& type : types) text += (text.empty() ? "" : ", ") + to_string(type);
    });
    return failed == "no error" ? text : failed;
  }
  static std::vector<Binding>& argument(Operation& operation, std::string_view name) {
    for (Argument& argument : operation.inputs) {
      if (argument.name == name) return argument.bindings;
    }
    operation.inputs.push_back({std::string(name), {}});
    return operation.inputs.back().bindings;
  }

  Builder builder_{"main", Opset::coreml8};
  Value x_, n_, axis_;
};

TEST_F(InstanceTest, EncodingWritesEveryFieldButAbsentOptions) {
  const Operation conv = operation(Conv{.x = x_, .weight = x_});
  std::string names;
  for (const Argument& argument : conv.inputs) names += argument.name + " ";
  EXPECT_EQ(names, "x weight strides pad_type pad dilations groups ");
  const Operation concat = operation(Concat{.values = {x_, x_}, .axis = 1});
  EXPECT_EQ(concat.inputs[0].bindings.size(), 2u);
  EXPECT_EQ(result(concat), "fp16[2, 6]");
}

TEST_F(InstanceTest, AParameterMayBeALiteralAConstOrABlob) {
  Operation softmax = operation(Softmax{.x = x_, .axis = 0});
  argument(softmax, "axis") = {Binding(axis_.id)};
  EXPECT_EQ(result(softmax), "fp16[2, 3]");
  argument(softmax, "axis") = {Binding(Literal::of(int32_t{2}))};
  EXPECT_EQ(result(softmax), "corrupt: op (softmax): axis 2 is out of range for rank 2");
  argument(softmax, "axis") = {Binding(make_bytes_payload(DType::i8, {}, {std::byte{0xfd}}))};
  EXPECT_EQ(result(softmax), "corrupt: op (softmax): axis -3 is out of range for rank 2");
}

TEST_F(InstanceTest, ABlobOfAMegabyteIsNoParameter) {
  Operation reshape = operation(Reshape{.x = x_, .shape = {6}});
  argument(reshape,
           "shape") = {Binding(make_bytes_payload(DType::i32, {(1 << 18) + 1}, std::vector<std::byte>((1 << 20) + 4)))};
  EXPECT_EQ(result(reshape), "corrupt: op (reshape): parameter shape: got a run-time value, want a constant");
}

TEST_F(InstanceTest, MissingUnknownAndIllTypedParametersAreNamed) {
  struct Case {
    std::string_view name;
    std::vector<Binding> bindings;
    std::string_view want;
  };
  const Case cases[] = {
      {"colour", {Binding(axis_.id)}, "corrupt: op (softmax): parameter colour is not one of this op"},
      {"ax\nis", {Binding(axis_.id)}, "corrupt: op (softmax): parameter ax\\x0ais is not one of this op"},
      {"axis", {Binding(Literal::of(std::string("last")))},
       "corrupt: op (softmax): parameter axis: constant \"last\": got string[], want an integer scalar"},
      {"axis", {Binding(Literal::of(true))},
       "corrupt: op (softmax): parameter axis: constant true: got bool[], want an integer scalar"},
      {"axis", {Binding(Literal::of(std::vector<int32_t>{1}))},
       "corrupt: op (softmax): parameter axis: constant [1]: got int32[1], want an integer scalar"},
      {"axis", {Binding(n_.id)}, "corrupt: op (softmax): parameter axis: got a run-time value, want a constant"},
      {"axis", {}, "corrupt: op (softmax): parameter axis: got 0 bindings, want one"},
      {"x", {Binding(x_.id), Binding(x_.id)}, "corrupt: op (softmax): parameter x: got 2 bindings, want one"},
      {"x", {Binding(Literal::of(int32_t{1}))},
       "unsupported: op (softmax): parameter x: got a constant in place, want the name of a value"},
  };
  for (const auto& [name, bindings, want] : cases) {
    Operation softmax = operation(Softmax{.x = x_});
    argument(softmax, name) = bindings;
    EXPECT_EQ(result(softmax), want);
  }
  Operation softmax = operation(Softmax{.x = x_});
  softmax.inputs.pop_back();
  EXPECT_EQ(result(softmax), "corrupt: op (softmax): parameter axis is missing");
  softmax = operation(Softmax{.x = x_});
  softmax.attributes.push_back({"axis", {Binding(axis_.id)}});
  EXPECT_EQ(result(softmax), "corrupt: op (softmax): attribute axis is not one of this op");
}

TEST_F(InstanceTest, EveryTypeOfFieldRefusesAnother) {
  Operation conv = operation(Conv{.x = x_, .weight = x_});
  argument(conv, "pad_type") = {Binding(Literal::of(int32_t{1}))};
  EXPECT_EQ(result(conv), "corrupt: op (conv): parameter pad_type: constant 1: got int32[], want a string");
  Operation concat = operation(Concat{.values = {x_}, .axis = 0});
  argument(concat, "interleave") = {Binding(Literal::of(int32_t{1}))};
  EXPECT_EQ(result(concat), "corrupt: op (concat): parameter interleave: constant 1: got int32[], want a bool scalar");
  Operation norm = operation(LayerNorm{.x = x_, .axes = {1}, .epsilon = {1e-5f, DType::f32}});
  argument(norm, "epsilon") = {Binding(Literal::of(int32_t{0}))};
  EXPECT_EQ(result(norm),
            "corrupt: op (layer_norm): parameter epsilon: constant 0: got int32[], want a floating scalar");
  Operation slice = operation(SliceByIndex{.x = x_, .begin = Ints({0, 0}), .end = Ints({1, 1})});
  argument(slice, "begin_mask") = {Binding(Literal::of(std::vector<int32_t>{0, 1}))};
  EXPECT_EQ(result(slice),
            "corrupt: op (slice_by_index): parameter begin_mask: constant [0, 1]: got int32[2], want a vector of bool");
}

TEST_F(InstanceTest, IntsAreConstantOrComeFromAValue) {
  EXPECT_EQ(result(operation(SliceByIndex{.x = x_, .begin = Ints({0, 0}), .end = Ints({1, 2})})), "fp16[1, 2]");
  EXPECT_EQ(result(operation(SliceByIndex{.x = x_, .begin = Ints(n_), .end = Ints({1, 2})})), "fp16[?, ?]");
  const Value begin = builder_.constant("begin", Literal::of(std::vector<int32_t>{1, 1}));
  EXPECT_EQ(result(operation(SliceByIndex{.x = x_, .begin = Ints(begin), .end = Ints({2, 3})})), "fp16[1, 2]");
}

TEST_F(InstanceTest, AnOlderOpsetMayLackANewerParameter) {
  Operation gather = operation(Gather{.x = x_, .indices = n_});
  std::erase_if(gather.inputs, [](const Argument& a) { return a.name == "validate_indices"; });
  EXPECT_EQ(result(gather), "corrupt: op (gather): parameter validate_indices is missing");
  builder_ = Builder("main", Opset::coreml6);
  x_ = builder_.input("x", {DType::f16, {2, 3}});
  n_ = builder_.input("n", {DType::i32, {2}});
  EXPECT_EQ(result(gather), "fp16[2, 3]");
  std::erase_if(gather.inputs, [](const Argument& a) { return a.name == "batch_dims"; });
  EXPECT_EQ(result(gather), "corrupt: op (gather): parameter batch_dims is missing");
}

}  // namespace
}  // namespace cortland::mil
