#include "mil/ops/constexpr.h"

#include "mil/evaluation.h"

namespace cortland::mil {
namespace {

using ConstexprTest = OpTest;

Binding bytes_of(DType dtype, Shape shape, std::vector<uint8_t> bytes) {
  std::vector<std::byte> raw;
  for (const uint8_t byte : bytes) raw.push_back(static_cast<std::byte>(byte));
  return make_bytes_payload(dtype, std::move(shape), std::move(raw));
}

Binding halves_of(Shape shape, const std::vector<float>& values) {
  std::vector<uint8_t> bytes;
  for (const float value : values) {
    const uint16_t half = float_to_half(value);
    bytes.push_back(static_cast<uint8_t>(half & 0xff));
    bytes.push_back(static_cast<uint8_t>(half >> 8));
  }
  return bytes_of(DType::f16, std::move(shape), bytes);
}

// What coremltools 9.0's decompress functions give for the same operands.
TEST_F(ConstexprTest, BlocksOfInt4) {
  // -8 7 | 1 -1 // 0 3 | -4 5, low nibble first
  const Binding data = bytes_of(DType::i4, {2, 4}, {0x78, 0xf1, 0x30, 0x5c});
  const Tensor y = run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({2, 2}, {0.5f, 2, 0.25f, 1})});
  EXPECT_EQ(y.dtype(), DType::f16);
  EXPECT_EQ(values_of(y), (std::vector<float>{-4, 3.5f, 2, -2, 0, 0.75f, -4, 5}));
}

TEST_F(ConstexprTest, OffsetsAreTakenAwayBeforeScaling) {
  const Binding data = bytes_of(DType::u4, {2, 4}, {0xf0, 0x87, 0x21, 0x43}),
                offset = bytes_of(DType::u4, {2, 1}, {0x18});
  const Tensor y =
      run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({2, 1}, {1, 0.5f}), .offset = offset});
  EXPECT_EQ(values_of(y), (std::vector<float>{-8, 7, -1, 0, 0, 0.5f, 1, 1.5f}));
}

TEST_F(ConstexprTest, ScalesOfOneAxisInTheMiddle) {
  const Binding data = bytes_of(DType::i8, {2, 2, 2}, {1, 2, 3, 4, 5, 6, 0xff, 0x80});
  const Tensor y = run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({1, 2, 1}, {1, 10})});
  EXPECT_EQ(values_of(y), (std::vector<float>{1, 2, 30, 40, 5, 6, -10, -1280}));
}

TEST_F(ConstexprTest, ProductsAreRoundedToHalf) {
  const Binding data = bytes_of(DType::i8, {1, 1}, {3});
  const Tensor y = run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({1, 1}, {0.1f})});
  EXPECT_EQ(values_of(y), std::vector<float>{half_to_float(float_to_half(3 * half_to_float(float_to_half(0.1f))))});
}

TEST_F(ConstexprTest, PartsCanBeReadOnTheirOwn) {
  const Binding data = bytes_of(DType::i4, {2, 4}, {0x78, 0xf1, 0x30, 0x5c});
  const Tensor y = run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({2, 2}, {0.5f, 2, 0.25f, 1})});
  ASSERT_NE(y.encoded(), nullptr);
  std::vector<float> part(5);
  y.encoded()->read(1, part);
  EXPECT_EQ(part, (std::vector<float>{3.5f, 2, -2, 0, 0.75f}));
}

TEST_F(ConstexprTest, TablesByGroupsOfRows) {
  // 2-bit indices 0 1 2 3 // 3 2 1 0
  const Binding indices = bytes_of(DType::u2, {2, 4}, {0xe4, 0x1b});
  const Tensor y =
      run(ConstexprLutToDense{.indices = indices, .lut = halves_of({2, 1, 4, 1}, {0, 1, 2, 3, -10, -20, -30, -40})});
  EXPECT_EQ(values_of(y), (std::vector<float>{0, 1, 2, 3, -40, -30, -20, -10}));
}

TEST_F(ConstexprTest, IndicesOfThreeBitsCrossBytes) {
  // 1 2 3 4 5 6 7 0 5 by coreml-format, section 3.4
  const Binding indices = bytes_of(DType::u3, {9}, {0xd1, 0x58, 0x1f, 0x05});
  const Tensor y =
      run(ConstexprLutToDense{.indices = indices, .lut = halves_of({1, 8, 1}, {0, 10, 20, 30, 40, 50, 60, 70})});
  EXPECT_EQ(values_of(y), (std::vector<float>{10, 20, 30, 40, 50, 60, 70, 0, 50}));
}

TEST_F(ConstexprTest, EntriesOfSeveralNumbersLieAlongTheirAxis) {
  const Binding indices = bytes_of(DType::u1, {2, 2}, {0x06});  // 0 1 // 1 0
  const Binding lut = halves_of({1, 1, 2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(values_of(run(ConstexprLutToDense{.indices = indices, .lut = lut, .vector_axis = 0})),
            (std::vector<float>{1, 3, 2, 4, 3, 1, 4, 2}));
  EXPECT_EQ(values_of(run(ConstexprLutToDense{.indices = indices, .lut = lut, .vector_axis = 1})),
            (std::vector<float>{1, 2, 3, 4, 3, 4, 1, 2}));
}

TEST_F(ConstexprTest, OlderForms) {
  builder_ = Builder("main", Opset::coreml7);
  const Binding indices = bytes_of(DType::u8, {2}, {0xe4, 0x1b});
  EXPECT_EQ(values_of(run(ConstexprLutToDense16{
                .indices = indices, .lut = halves_of({4}, {5, 6, 7, 8}), .shape = Literal::of_unsigned({2, 4})})),
            (std::vector<float>{5, 6, 7, 8, 8, 7, 6, 5}));
  const Binding data = bytes_of(DType::u8, {2, 2}, {0, 10, 20, 255});
  EXPECT_EQ(values_of(run(ConstexprAffineDequantize{.quantized_data = data,
                                                    .zero_point = bytes_of(DType::u8, {2}, {10, 20}),
                                                    .scale = halves_of({2}, {1, 2}),
                                                    .axis = 0})),
            (std::vector<float>{-10, 0, 0, 470}));
  EXPECT_EQ(values_of(run(ConstexprAffineDequantize{.quantized_data = data,
                                                    .zero_point = bytes_of(DType::u8, {}, {10}),
                                                    .scale = halves_of({}, {2}),
                                                    .axis = -1})),
            (std::vector<float>{-20, 0, 20, 490}));
  EXPECT_EQ(values_of(run(ConstexprSparseToDense16{.nonzero_data = halves_of({2}, {3, 4}),
                                                   .mask = bytes_of(DType::u8, {1}, {0x0a}),
                                                   .shape = Literal::of_unsigned({2, 2})})),
            (std::vector<float>{0, 3, 0, 4}));
}

TEST_F(ConstexprTest, SparseValues) {
  const Binding mask = bytes_of(DType::u1, {2, 2}, {0x09});
  EXPECT_EQ(values_of(run(ConstexprSparseToDense{.nonzero_data = halves_of({2}, {3, 4}), .mask = mask})),
            (std::vector<float>{3, 0, 0, 4}));
  EXPECT_EQ(failure([&] { run(ConstexprSparseToDense{.nonzero_data = halves_of({1}, {3}), .mask = mask}); }),
            "corrupt: nonzero_data: got 1 values, want 2, as many as the mask has ones");
}

// The examples that coremltools 9.0 documents these operations with.
TEST_F(ConstexprTest, SparseCodesWithScales) {
  // 1100 // 1110 // 0011 // 1100
  const Binding mask = bytes_of(DType::u1, {4, 4}, {0x73, 0x3c});
  const Binding codes = bytes_of(DType::u8, {9}, {10, 11, 3, 4, 5, 6, 7, 8, 9}),
                offset = bytes_of(DType::u8, {1, 4}, {1, 2, 3, 4});
  const std::vector<Tensor> y = run_all(ConstexprSparseBlockwiseShiftScale{
      .data_mask = mask, .nonzero_data = codes, .scale = halves_of({1, 4}, {0.25f, 0.5f, 1, 2}), .offset = offset});
  std::vector<float> kept(16);
  y[0].elements()->read(0, kept);
  EXPECT_EQ(kept, (std::vector<float>{1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(values_of(y[1]), (std::vector<float>{2.25f, 4.5f, 0.5f, 1, 2, 3, 6, 1.75f, 3.5f}));
  EXPECT_EQ(failure([&] {
              run_all(ConstexprSparseBlockwiseShiftScale{
                  .data_mask = mask, .nonzero_data = bytes_of(DType::u8, {1}, {1}), .scale = halves_of({1, 1}, {1})});
            }),
            "corrupt: nonzero_data: got 1 values, want 9, as many as the mask has ones");
}

TEST_F(ConstexprTest, SparseIndicesIntoTables) {
  // 110000 // 110001 // 011010 // 000100, and the indices 0 1 1 0 1 1 0 0 1
  const Binding mask = bytes_of(DType::u1, {4, 6}, {0xc3, 0x68, 0x21}),
                indices = bytes_of(DType::u1, {9}, {0x36, 0x01});
  const std::vector<Tensor> y = run_all(ConstexprLutToSparse{
      .indices_mask = mask, .indices_nonzero_data = indices, .lut = halves_of({1, 1, 2, 1}, {2, 3})});
  EXPECT_EQ(y[0].shape(), (Shape{4, 6}));
  EXPECT_EQ(values_of(y[1]), (std::vector<float>{2, 3, 3, 2, 3, 3, 2, 2, 3}));
  const std::vector<Tensor> vectors = run_all(ConstexprLutToSparse{.indices_mask = mask,
                                                                   .indices_nonzero_data = indices,
                                                                   .lut = halves_of({1, 1, 2, 2}, {2, 2, 3, 3}),
                                                                   .vector_axis = 0});
  std::vector<float> kept(12);
  vectors[0].elements()->read(12, kept);
  EXPECT_EQ(vectors[0].shape(), (Shape{8, 6}));
  EXPECT_EQ(kept, (std::vector<float>{1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(values_of(vectors[1]), (std::vector<float>{2, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 2, 3, 2, 2, 3, 3}));
}

TEST_F(ConstexprTest, SparseTypesThatDoNotFit) {
  const Binding mask = bytes_of(DType::u1, {2, 2}, {0x09}), codes = bytes_of(DType::i8, {2}, {1, 2}),
                scale = halves_of({1, 1}, {1});
  EXPECT_EQ(type_of(ConstexprSparseBlockwiseShiftScale{.data_mask = mask, .nonzero_data = codes, .scale = scale}),
            "uint1[2, 2], fp16[2]");
  EXPECT_EQ(type_of(ConstexprSparseBlockwiseShiftScale{.data_mask = codes, .nonzero_data = codes, .scale = scale}),
            "corrupt: op (constexpr_sparse_blockwise_shift_scale): mask: got int8[2], want uint1");
  EXPECT_EQ(
      type_of(ConstexprSparseBlockwiseShiftScale{
          .data_mask = mask, .nonzero_data = codes, .scale = halves_of({3, 1}, {1, 1, 1})}),
      "corrupt: op (constexpr_sparse_blockwise_shift_scale): scale fp16[3, 1] does not cut data int8[2, 2] into blocks");
  const Binding indices = bytes_of(DType::u2, {2}, {0x09});
  EXPECT_EQ(type_of(ConstexprLutToSparse{.indices_mask = mask,
                                         .indices_nonzero_data = indices,
                                         .lut = halves_of({1, 1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                                         .vector_axis = -1}),
            "uint1[2, 4], fp16[4]");
  EXPECT_EQ(type_of(ConstexprLutToSparse{
                .indices_mask = mask, .indices_nonzero_data = indices, .lut = halves_of({1, 1, 2, 1}, {1, 2})}),
            "corrupt: op (constexpr_lut_to_sparse): lut fp16[1, 1, 2, 1] does not fit indices uint2[2, 2]");
}

// Rows 1 and 2 of an encoded matrix by a vector give what its numbers, read one by one, give.
void expect_products(const Tensor& matrix) {
  const auto cols = static_cast<size_t>(matrix.shape()[1]);
  const std::vector<float> numbers = values_of(matrix);
  std::vector<float> x, y(2);
  for (size_t i = 0; i < cols; ++i) x.push_back(static_cast<float>(i % 5) - 1.5f);
  ASSERT_NE(matrix.encoded(), nullptr);
  matrix.encoded()->multiply(static_cast<int64_t>(cols), x, y);
  for (size_t row = 0; row < y.size(); ++row) {
    double want = 0;
    for (size_t i = 0; i < cols; ++i) want += static_cast<double>(numbers[(row + 1) * cols + i]) * x[i];
    EXPECT_NEAR(y[row], want, 1e-3) << row;
  }
}

TEST_F(ConstexprTest, RowsByAVectorAreThoseOfTheNumbers) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < 4 * 64; ++i) bytes.push_back(static_cast<uint8_t>(37 * i + i / 7));
  const std::vector<uint8_t> half(bytes.begin(), bytes.begin() + 4 * 32);
  const Binding data = bytes_of(DType::i4, {4, 64}, half);
  // Scales of blocks, of rows, and of two rows together.
  const std::vector<float> scales{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f};
  expect_products(run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({4, 2}, scales)}));
  expect_products(run(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({2, 4}, scales)}));
  expect_products(run(ConstexprBlockwiseShiftScale{.data = bytes_of(DType::i8, {4, 64}, bytes),
                                                   .scale = halves_of({4, 1}, {0.1f, 0.2f, 0.3f, 0.4f})}));
  expect_products(run(ConstexprBlockwiseShiftScale{.data = bytes_of(DType::u4, {4, 64}, half),
                                                   .scale = halves_of({4, 2}, scales),
                                                   .offset = bytes_of(DType::u4, {4, 2}, {0x31, 0x52, 0xf8, 0x07})}));
  // Tables of two rows together, and of the columns of one.
  std::vector<float> table;
  for (int i = 0; i < 32; ++i) table.push_back(0.3f * static_cast<float>(i % 11) - 1);
  const Binding indices = bytes_of(DType::u4, {4, 64}, half);
  expect_products(run(ConstexprLutToDense{.indices = indices, .lut = halves_of({2, 1, 16, 1}, table)}));
  expect_products(run(ConstexprLutToDense{.indices = indices, .lut = halves_of({1, 2, 16, 1}, table)}));
}

TEST_F(ConstexprTest, TypesThatDoNotFit) {
  const Binding data = bytes_of(DType::i4, {2, 4}, {0, 0, 0, 0}), scale = halves_of({2, 2}, {1, 1, 1, 1});
  EXPECT_EQ(type_of(ConstexprBlockwiseShiftScale{.data = data, .scale = scale}), "fp16[2, 4]");
  EXPECT_EQ(type_of(ConstexprBlockwiseShiftScale{.data = data, .scale = halves_of({2, 3}, {1, 1, 1, 1, 1, 1})}),
            "corrupt: op (constexpr_blockwise_shift_scale): scale fp16[2, 3] does not cut data int4[2, 4] into blocks");
  EXPECT_EQ(type_of(ConstexprBlockwiseShiftScale{.data = data, .scale = data}),
            "corrupt: op (constexpr_blockwise_shift_scale): scale: got int4[2, 4], want fp16 or fp32");
  EXPECT_EQ(
      type_of(
          ConstexprBlockwiseShiftScale{.data = data, .scale = scale, .offset = bytes_of(DType::u4, {2, 2}, {0, 0})}),
      "corrupt: op (constexpr_blockwise_shift_scale): offset: got uint4[2, 2], want the shape of scale fp16[2, 2] and the type of "
      "data or a float type");
  const Binding indices = bytes_of(DType::u2, {2, 4}, {0, 0});
  EXPECT_EQ(type_of(ConstexprLutToDense{.indices = indices, .lut = halves_of({4}, {1, 2, 3, 4})}),
            "corrupt: op (constexpr_lut_to_dense): lut fp16[4] does not fit indices uint2[2, 4]");
  EXPECT_EQ(type_of(ConstexprLutToDense16{.indices = bytes_of(DType::u8, {1}, {0}),
                                          .lut = halves_of({4}, {1, 2, 3, 4}),
                                          .shape = Literal::of_unsigned({2, 4})}),
            "corrupt: op (constexpr_lut_to_dense): indices: got uint8[1], want uint8[2]");
  EXPECT_EQ(type_of(ConstexprLutToDense16{
                .indices = indices, .lut = halves_of({3}, {1, 2, 3}), .shape = Literal::of_unsigned({2, 4})}),
            "corrupt: op (constexpr_lut_to_dense): lut: got 3 entries, want 2, 4, 16, 64 or 256");
}

}  // namespace
}  // namespace cortland::mil
