#include "mil/ops/shape.h"

#include "mil/evaluation.h"

namespace cortland::mil {
namespace {

using ShapeOpTest = OpTest;

TEST_F(ShapeOpTest, IdentityKeepsEverything) {
  const Value x = input(floats({2}, {1, 2})), n = input(ints({2}, {3, 4}));
  EXPECT_EQ(values_of(run(Identity{.x = x})), (std::vector<float>{1, 2}));
  EXPECT_EQ(type_of(Identity{.x = n}), "int32[2]");
}

TEST_F(ShapeOpTest, ShapeGivesTheDimensionsOfARun) {
  const Value x = input({DType::f16, {1, kUnknown, 4}}, floats({1, 3, 4}, count_to(12), DType::f16));
  EXPECT_EQ(type_of(ShapeOf{.x = x}), "int32[3]");
  EXPECT_EQ(values_of(run(ShapeOf{.x = x})), (std::vector<float>{1, 3, 4}));
  EXPECT_EQ(values_of(run(ShapeOf{.x = input(ints({2}, {5, 6}))})), std::vector<float>{2});
  EXPECT_EQ(type_of(ShapeOf{.x = input({DType::u8, {2}})}),
            "corrupt: op (shape): operand uint8[2]: want fp16, fp32, int32 or bool");
  EXPECT_EQ(type_of(ShapeOf{.x = input({DType::f16, {}})}),
            "corrupt: op (shape): operand fp16: want at least one axis");
}

TEST_F(ShapeOpTest, ReshapeInfersOneDimension) {
  const Value x = input({DType::f16, {2, 3, 4}}), flexible = input({DType::f16, {1, kUnknown, 4}});
  EXPECT_EQ(type_of(Reshape{.x = x, .shape = {6, 4}}), "fp16[6, 4]");
  EXPECT_EQ(type_of(Reshape{.x = x, .shape = {-1}}), "fp16[24]");
  EXPECT_EQ(type_of(Reshape{.x = x, .shape = {4, -1, 3}}), "fp16[4, 2, 3]");
  EXPECT_EQ(type_of(Reshape{.x = flexible, .shape = {1, -1, 2, 2}}), "fp16[1, ?, 2, 2]");
  EXPECT_EQ(type_of(Reshape{.x = flexible, .shape = {2, -1}}), "fp16[2, ?]");
  EXPECT_EQ(type_of(Reshape{.x = flexible, .shape = {5, 4}}), "fp16[5, 4]");
  const std::vector<std::vector<int32_t>> bad = {{5, 5}, {-1, -1, 24}, {0, -1}, {-2, -12}, {-1, 5},
                                                 {INT32_MAX, INT32_MAX, INT32_MAX}};
  for (const auto& shape : bad) {
    EXPECT_EQ(type_of(Reshape{.x = x, .shape = shape}),
              "corrupt: op (reshape): fp16[2, 3, 4] cannot become " + Literal::of(shape).text());
  }
}

TEST_F(ShapeOpTest, ReshapeKeepsTheOrderAndChecksARun) {
  const Value x = input(floats({2, 3}, count_to(6)));
  const Tensor y = run(Reshape{.x = x, .shape = {3, -1}});
  EXPECT_EQ(y.shape(), (Shape{3, 2}));
  EXPECT_EQ(values_of(y), count_to(6));
  const Value flexible = input({DType::f32, {kUnknown}}, floats({7}, count_to(7)));
  EXPECT_EQ(failure([&] { run(Reshape{.x = flexible, .shape = {2, -1}}); }),
            "invalid: reshape: [7] cannot become [2, -1]");
}

TEST_F(ShapeOpTest, TransposeNeedsAPermutation) {
  const Value x = input(floats({2, 3}, count_to(6)));
  EXPECT_EQ(type_of(Transpose{.x = x, .perm = {1, 0}}), "fp32[3, 2]");
  EXPECT_EQ(values_of(run(Transpose{.x = x, .perm = {-1, -2}})), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  for (const auto& perm : std::vector<std::vector<int32_t>>{{0}, {0, 0}, {0, 2}, {-3, 0}, {0, 1, 2}}) {
    EXPECT_EQ(type_of(Transpose{.x = x, .perm = perm}), "corrupt: op (transpose): perm " + Literal::of(perm).text() +
                                                            " is no permutation of the axes of fp32[2, 3]");
  }
}

TEST_F(ShapeOpTest, AxesOfOneComeAndGo) {
  const Value x = input(floats({2, 3}, count_to(6))), y = input(floats({1, 2, 1, 3}, count_to(6)));
  EXPECT_EQ(type_of(ExpandDims{.x = x, .axes = {0}}), "fp32[1, 2, 3]");
  EXPECT_EQ(type_of(ExpandDims{.x = x, .axes = {-1, 1}}), "fp32[2, 1, 3, 1]");
  EXPECT_EQ(type_of(ExpandDims{.x = x, .axes = {3}}), "corrupt: op (expand_dims): axis 3 is out of range for rank 3");
  EXPECT_EQ(type_of(ExpandDims{.x = x, .axes = {1, -3}}), "corrupt: op (expand_dims): axes [1, -3] repeat");
  const Tensor wide = run(ExpandDims{.x = x, .axes = {-1, 1}});
  EXPECT_EQ(wide.shape(), (Shape{2, 1, 3, 1}));
  EXPECT_EQ(values_of(wide), count_to(6));

  EXPECT_EQ(type_of(Squeeze{.x = y}), "fp32[2, 3]");
  EXPECT_EQ(type_of(Squeeze{.x = y, .axes = {{-2}}}), "fp32[1, 2, 3]");
  EXPECT_EQ(type_of(Squeeze{.x = y, .axes = {{1}}}), "corrupt: op (squeeze): axis 1 of fp32[1, 2, 1, 3] is not 1");
  EXPECT_EQ(type_of(Squeeze{.x = y, .axes = {{4}}}), "corrupt: op (squeeze): axis 4 is out of range for rank 4");
  EXPECT_EQ(run(Squeeze{.x = y, .axes = {{0, 2}}}).shape(), (Shape{2, 3}));
}

TEST_F(ShapeOpTest, ConcatJoinsAlongOneAxis) {
  const Value a = input(floats({1, 2}, {1, 2})), b = input(floats({2, 2}, {3, 4, 5, 6})),
              c = input({DType::f32, {1, 3}});
  const Value d = input({DType::f32, {kUnknown, 2}}, floats({3, 2}, count_to(6))), e = input({DType::f16, {1, 2}}),
              f = input({DType::f32, {2}});
  EXPECT_EQ(type_of(Concat{.values = {a, b}, .axis = 0}), "fp32[3, 2]");
  EXPECT_EQ(type_of(Concat{.values = {a, b, d}, .axis = -2}), "fp32[?, 2]");
  EXPECT_EQ(type_of(Concat{.values = {a, b}, .axis = 1}),
            "corrupt: op (concat): operands fp32[1, 2] and fp32[2, 2] differ beyond axis 1");
  EXPECT_EQ(type_of(Concat{.values = {a, c}, .axis = 0}),
            "corrupt: op (concat): operands fp32[1, 2] and fp32[1, 3] differ beyond axis 0");
  EXPECT_EQ(type_of(Concat{.values = {a, f}, .axis = 0}),
            "corrupt: op (concat): operands fp32[1, 2] and fp32[2]: want one rank");
  EXPECT_EQ(type_of(Concat{.values = {a, e}, .axis = 0}),
            "corrupt: op (concat): operands a and e: got fp32[1, 2] and fp16[1, 2], want one element type");
  EXPECT_EQ(type_of(Concat{.values = {a, b}, .axis = 2}), "corrupt: op (concat): axis 2 is out of range for rank 2");
  EXPECT_EQ(type_of(Concat{.values = {a}, .axis = 0, .interleave = true}),
            "corrupt: op (concat): want at least one operand and no interleaving");
  EXPECT_EQ(values_of(run(Concat{.values = {b, a}, .axis = 0})), (std::vector<float>{3, 4, 5, 6, 1, 2}));
  EXPECT_EQ(values_of(run(Concat{.values = {b, b}, .axis = -1})), (std::vector<float>{3, 4, 3, 4, 5, 6, 5, 6}));
  EXPECT_EQ(failure([&] {
              run(Concat{.values = {d, input({DType::f32, {kUnknown, 2}}, floats({1, 2}, {1, 2}))}, .axis = 1});
            }),
            "invalid: concat: operands [3, 2] and [1, 2] differ beyond axis 1");
}

TEST_F(ShapeOpTest, TileRepeats) {
  const Value x = input(floats({1, 2}, {1, 2})), flexible = input({DType::f16, {kUnknown, 2}});
  EXPECT_EQ(type_of(Tile{.x = flexible, .reps = {2, 3}}), "fp16[?, 6]");
  EXPECT_EQ(type_of(Tile{.x = x, .reps = {2}}), "corrupt: op (tile): reps [2] for fp32[1, 2]: want one per axis");
  EXPECT_EQ(type_of(Tile{.x = x, .reps = {2, 0}}), "corrupt: op (tile): reps [2, 0]: want positive counts");
  EXPECT_EQ(values_of(run(Tile{.x = x, .reps = {2, 2}})), (std::vector<float>{1, 2, 1, 2, 1, 2, 1, 2}));
}

TEST_F(ShapeOpTest, PadSurroundsTheLastAxes) {
  const Value x = input(floats({1, 2}, {1, 2})), flexible = input({DType::f16, {kUnknown, 2}});
  const Scalar nine{9, DType::f32};
  EXPECT_EQ(type_of(Pad{.x = flexible, .pad = {1, 1, 0, 3}, .constant_val = nine}), "fp16[?, 5]");
  EXPECT_EQ(type_of(Pad{.x = x, .pad = {0, -1}, .constant_val = nine}),
            "corrupt: op (pad): pad [0, -1]: want no negative count");
  for (const auto& [pad, mode] : {std::pair<std::vector<int32_t>, std::string>{{1}, "constant"},
                                  {{0, 0, 0, 0, 0, 1}, "constant"},
                                  {{0, 1}, "reflect"}}) {
    EXPECT_EQ(type_of(Pad{.x = x, .pad = pad, .mode = mode, .constant_val = nine}),
              "corrupt: op (pad): pad " + Literal::of(pad).text() + " in mode " + mode + " does not fit fp32[1, 2]");
  }
  EXPECT_EQ(values_of(run(Pad{.x = x, .pad = {1, 2}, .constant_val = nine})), (std::vector<float>{9, 1, 2, 9, 9}));
  EXPECT_EQ(values_of(run(Pad{.x = x, .pad = {1, 0, 0, 1}, .constant_val = nine})),
            (std::vector<float>{9, 9, 9, 1, 2, 9}));
}

}  // namespace
}  // namespace cortland::mil
