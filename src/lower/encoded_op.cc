#include "lower/encoded_op.h"

#include "lower/encoded_payload.h"

namespace cortland {
namespace {

// [n, 1, ..., 1] of a rank.
Shape column(int64_t n, size_t rank) {
  Shape shape(rank, 1);
  shape[0] = n;
  return shape;
}

mil::Literal zero_of_int8() { return {DType::i8, {}, {std::byte{0}}, {}}; }

}  // namespace

EncodedOp make_encoded_op(const std::shared_ptr<const EncodedMatrix>& matrix, const Shape& shape, mil::Opset opset) {
  const auto part = [&](EncodedPart which, Shape part_shape) -> mil::Binding {
    return make_encoded_payload(matrix, which, std::move(part_shape));
  };
  const size_t rank = shape.size();
  const bool has_new_forms = opset >= mil::Opset::coreml8;
  if (matrix->scheme().codec == Codec::palette) {
    const int64_t entries = int64_t{1} << matrix->scheme().bits;
    if (!has_new_forms) {
      const auto bytes =
          static_cast<int64_t>(stored_size(static_cast<uint64_t>(element_count(shape)), matrix->scheme().bits));
      return mil::ConstexprLutToDense16{.indices = make_byte_payload(matrix, bytes),
                                        .lut = part(EncodedPart::tables, {entries}),
                                        .shape = mil::Literal::of_unsigned(shape)};
    }
    Shape tables = column(matrix->groups(), rank);
    tables.insert(tables.end(), {entries, 1});
    return mil::ConstexprLutToDense{.indices = part(EncodedPart::codes, shape),
                                    .lut = part(EncodedPart::tables, tables)};
  }
  if (!has_new_forms) {
    return mil::ConstexprAffineDequantize{.quantized_data = part(EncodedPart::codes, shape),
                                          .zero_point = zero_of_int8(),
                                          .scale = part(EncodedPart::scales, {shape[0]}),
                                          .axis = 0};
  }
  Shape blocks = column(shape[0], rank);
  blocks[1] = matrix->blocks();
  mil::ConstexprBlockwiseShiftScale op{.data = part(EncodedPart::codes, shape),
                                       .scale = part(EncodedPart::scales, blocks)};
  if (has_offsets(matrix->scheme().codec)) op.offset = part(EncodedPart::offsets, blocks);
  return op;
}

}  // namespace cortland
