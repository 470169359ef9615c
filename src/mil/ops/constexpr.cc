#include "mil/ops/constexpr.h"

#include <algorithm>
#include <bit>

#include "mil/ops/encoded_weights.h"
#include "tensor/convert.h"

namespace cortland::mil {
namespace {

Shape shape_of(const Inference& in, const Binding& shape) {
  const auto literal = in.constant(shape);
  in.check(literal.has_value() && literal->dtype == DType::u32 && literal->shape.size() == 1,
           "shape: want a vector of uint32");
  const std::vector<int32_t> dims = literal->as_ints();
  uint64_t count = 1;
  for (const int32_t dim : dims) {
    in.check(dim > 0 && count <= (uint64_t{1} << 48) / static_cast<uint64_t>(dim),
             "shape: a dimension of {} is out of range", dim);
    count *= static_cast<uint64_t>(dim);
  }
  return {dims.begin(), dims.end()};
}

bool is_table_type(DType dtype) {
  return dtype == DType::f16 || dtype == DType::f32 || dtype == DType::i8 || dtype == DType::u8;
}

// Each dimension of `parts` divides that of `whole`.
bool divides(const Shape& parts, const Shape& whole) {
  for (size_t i = 0; i < whole.size(); ++i) {
    if (parts[i] < 1 || whole[i] % parts[i] != 0) return false;
  }
  return true;
}

void check_scale(const Inference& in, const Type& type) {
  in.check(type.dtype == DType::f16 || type.dtype == DType::f32, "scale: got {}, want fp16 or fp32", type);
}

// Codes of a type that stand for numbers of `shape` by scales, and perhaps offsets, of blocks.
void check_blocks(const Inference& in, const Type& data, const Shape& shape, const Type& scale,
                  const std::optional<Binding>& offset) {
  const bool known = data.dtype == DType::i4 || data.dtype == DType::u4 || data.dtype == DType::i8 ||
                     data.dtype == DType::u8 || data.dtype == DType::f16 || data.dtype == DType::f32;
  in.check(known, "data: got {}, want int4, uint4, int8, uint8 or a float type", data);
  check_scale(in, scale);
  in.check(!shape.empty() && shape.size() == scale.shape.size() && divides(scale.shape, shape),
           "scale {} does not cut data {} into blocks", scale, Type{data.dtype, shape});
  if (!offset) return;
  const Type o = in.binding(*offset);
  in.check(o.shape == scale.shape && (o.dtype == data.dtype || o.dtype == DType::f16 || o.dtype == DType::f32),
           "offset: got {}, want the shape of scale {} and the type of data or a float type", o, scale);
}

// Indices of a type that stand for entries of tables; the shape of what they give.
Shape check_tables(const Inference& in, const Type& indices, const Shape& shape, const Type& lut,
                   const std::optional<int32_t>& vector_axis) {
  const bool known = indices.dtype == DType::u1 || indices.dtype == DType::u2 || indices.dtype == DType::u3 ||
                     indices.dtype == DType::u4 || indices.dtype == DType::u6 || indices.dtype == DType::u8;
  in.check(known, "indices: got {}, want uint1, uint2, uint3, uint4, uint6 or uint8", indices);
  in.check(is_table_type(lut.dtype), "lut: got {}, want fp16, fp32, int8 or uint8", lut);
  const size_t rank = shape.size();
  in.check(rank >= 1 && lut.shape.size() == rank + 2 && lut.shape[rank] == int64_t{1} << bits_of(indices.dtype) &&
               lut.shape[rank + 1] >= 1 &&
               divides(Shape(lut.shape.begin(), lut.shape.begin() + static_cast<std::ptrdiff_t>(rank)), shape),
           "lut {} does not fit indices {}", lut, Type{indices.dtype, shape});
  Shape out = shape;
  const int64_t vector = lut.shape[rank + 1];
  in.check(vector == 1 || vector_axis.has_value(), "vector_axis is missing for lut {}", lut);
  if (vector > 1) out[in.axis(*vector_axis, rank)] *= vector;
  return out;
}

void check_sparse(const Inference& in, const Type& mask, const Type& values) {
  in.check(mask.dtype == DType::u1, "mask: got {}, want uint1", mask);
  in.check(values.shape.size() == 1, "nonzero_data: got {}, want a vector", values);
}

std::optional<BlockParameter> parameter_of(Evaluation& e, const std::optional<Binding>& binding) {
  if (!binding) return std::nullopt;
  const Operand operand = e.operand(*binding);
  return BlockParameter{operand.elements, operand.shape};
}

size_t axis_of(const std::optional<int32_t>& axis, size_t rank) {
  const int32_t given = axis.value_or(0);
  return static_cast<size_t>(given < 0 ? given + static_cast<int32_t>(rank) : given);
}

uint64_t bytes_of_bits(const Shape& shape, int bits) {
  return stored_size(static_cast<uint64_t>(element_count(shape)), bits);
}

}  // namespace

int code_bits(const Function& function, const Operation& operation) {
  constexpr int kHalf = 16, kPruned = 4;
  int bits = kHalf;
  for (const auto* arguments : {&operation.inputs, &operation.attributes}) {
    for (const Argument& argument : *arguments) {
      if (argument.bindings.size() != 1) continue;
      const Type type = Inference(function, operation).binding(argument.bindings.front());
      if (argument.name.ends_with("mask")) bits = std::min(bits, kPruned);
      if (argument.name.ends_with("data")) bits = std::min(bits, bits_of(type.dtype));
      if (argument.name != "lut" || type.shape.empty()) continue;
      const bool is_vector = type.shape.size() > 1;
      const auto entries = static_cast<uint64_t>(is_vector ? type.shape[type.shape.size() - 2] : type.shape.front());
      bits = std::min(bits, static_cast<int>(std::bit_width(entries) - 1) /
                                static_cast<int>(is_vector ? std::max<int64_t>(type.shape.back(), 1) : 1));
    }
  }
  return std::max(bits, 1);
}

std::vector<Type> ConstexprBlockwiseShiftScale::infer(const Inference& in) const {
  const Type d = in.binding(data), s = in.binding(scale);
  check_blocks(in, d, d.shape, s, offset);
  return {{s.dtype, d.shape}};
}

void ConstexprBlockwiseShiftScale::eval(Evaluation& e) const {
  const Shape shape = e.result_type().shape;
  const Operand d = e.operand(data), s = e.operand(scale);
  e.set(Tensor::of_encoded(
      s.dtype, shape, make_block_scaled(shape, d.elements, {s.elements, s.shape}, parameter_of(e, offset), s.dtype)));
}

std::vector<Type> ConstexprLutToDense::infer(const Inference& in) const {
  const Type i = in.binding(indices), t = in.binding(lut);
  return {{t.dtype, check_tables(in, i, i.shape, t, vector_axis)}};
}

void ConstexprLutToDense::eval(Evaluation& e) const {
  const Operand i = e.operand(indices), t = e.operand(lut);
  e.set(Tensor::of_encoded(
      t.dtype, e.result_type().shape,
      make_palettized(i.elements, i.shape, t.elements, t.shape, axis_of(vector_axis, i.shape.size()))));
}

std::vector<Type> ConstexprLutToDense16::infer(const Inference& in) const {
  const Type i = in.binding(indices), t = in.binding(lut);
  in.check(is_table_type(t.dtype) && t.shape.size() == 1, "lut: got {}, want a vector of fp16, fp32, int8 or uint8", t);
  const int64_t entries = t.shape.front();
  in.check(entries == 2 || entries == 4 || entries == 16 || entries == 64 || entries == 256,
           "lut: got {} entries, want 2, 4, 16, 64 or 256", entries);
  const Shape dims = shape_of(in, shape);
  const auto want = static_cast<int64_t>(bytes_of_bits(dims, std::countr_zero(static_cast<uint64_t>(entries))));
  in.check(i.dtype == DType::u8 && i.shape == Shape{want}, "indices: got {}, want uint8[{}]", i, want);
  return {{t.dtype, dims}};
}

void ConstexprLutToDense16::eval(Evaluation& e) const {
  const Operand i = e.operand(indices), t = e.operand(lut);
  const Shape dims = e.result_type().shape;
  const auto dtype = [&] {
    switch (t.shape.front()) {
      case 2: return DType::u1;
      case 4: return DType::u2;
      case 16: return DType::u4;
      case 64: return DType::u6;
      default: return DType::u8;
    }
  }();
  Shape table(dims.size(), 1);
  table.insert(table.end(), {t.shape.front(), 1});
  e.set(Tensor::of_encoded(t.dtype, dims,
                           make_palettized(make_stored_elements(dtype, i.bytes, i.owner), dims, t.elements, table, 0)));
}

std::vector<Type> ConstexprAffineDequantize::infer(const Inference& in) const {
  const Type d = in.binding(quantized_data), z = in.binding(zero_point), s = in.binding(scale);
  in.check(d.dtype == DType::i8 || d.dtype == DType::u8, "quantized_data: got {}, want int8 or uint8", d);
  in.check(z.dtype == d.dtype || z.dtype == DType::f32, "zero_point: got {}, want the type of {} or fp32", z, d);
  check_scale(in, s);
  const size_t at = in.axis(axis, d.shape.size());
  for (const Type& t : {z, s}) {
    in.check(t.shape.empty() || t.shape == Shape{d.shape[at]}, "{}: want a scalar or a vector of {}", t, d.shape[at]);
  }
  return {{s.dtype, d.shape}};
}

void ConstexprAffineDequantize::eval(Evaluation& e) const {
  const Operand d = e.operand(quantized_data), z = e.operand(zero_point), s = e.operand(scale);
  const auto rank = static_cast<int32_t>(d.shape.size());
  const auto parameter = [&](const Operand& p) {
    Shape blocks(d.shape.size(), 1);
    if (!p.shape.empty()) blocks[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = p.shape.front();
    return BlockParameter{p.elements, blocks};
  };
  e.set(Tensor::of_encoded(s.dtype, d.shape,
                           make_block_scaled(d.shape, d.elements, parameter(s), parameter(z), s.dtype)));
}

std::vector<Type> ConstexprSparseToDense::infer(const Inference& in) const {
  const Type v = in.binding(nonzero_data), m = in.binding(mask);
  check_sparse(in, m, v);
  return {{v.dtype, m.shape}};
}

void ConstexprSparseToDense::eval(Evaluation& e) const {
  const Operand v = e.operand(nonzero_data), m = e.operand(mask);
  e.set(scatter_by_mask(v, m.elements, e.result_type().shape));
}

std::vector<Type> ConstexprSparseToDense16::infer(const Inference& in) const {
  const Type v = in.binding(nonzero_data), m = in.binding(mask);
  const Shape dims = shape_of(in, shape);
  const auto want = static_cast<int64_t>(bytes_of_bits(dims, 1));
  in.check(m.dtype == DType::u8 && m.shape == Shape{want}, "mask: got {}, want uint8[{}]", m, want);
  in.check(v.shape.size() == 1, "nonzero_data: got {}, want a vector", v);
  return {{v.dtype, dims}};
}

void ConstexprSparseToDense16::eval(Evaluation& e) const {
  const Operand v = e.operand(nonzero_data), m = e.operand(mask);
  e.set(scatter_by_mask(v, make_stored_elements(DType::u1, m.bytes, m.owner), e.result_type().shape));
}

std::vector<Type> ConstexprSparseBlockwiseShiftScale::infer(const Inference& in) const {
  const Type m = in.binding(data_mask), v = in.binding(nonzero_data), s = in.binding(scale);
  check_sparse(in, m, v);
  check_blocks(in, v, m.shape, s, offset);
  return {m, {s.dtype, v.shape}};
}

void ConstexprSparseBlockwiseShiftScale::eval(Evaluation& e) const {
  const Operand m = e.operand(data_mask), v = e.operand(nonzero_data), s = e.operand(scale);
  const ElementsPtr codes = scatter_by_mask(v, m.elements, m.shape).elements();
  const ElementsPtr dense = make_block_scaled(m.shape, codes, {s.elements, s.shape}, parameter_of(e, offset), s.dtype);
  e.set(Tensor::of_encoded(DType::u1, m.shape, m.elements), 0);
  e.set(gather_by_mask(s.dtype, *dense, *m.elements, m.shape), 1);
}

std::vector<Type> ConstexprLutToSparse::infer(const Inference& in) const {
  const Type m = in.binding(indices_mask), v = in.binding(indices_nonzero_data), t = in.binding(lut);
  check_sparse(in, m, v);
  return {{DType::u1, check_tables(in, v, m.shape, t, vector_axis)}, {t.dtype, {v.shape[0] * t.shape.back()}}};
}

void ConstexprLutToSparse::eval(Evaluation& e) const {
  const Operand m = e.operand(indices_mask), v = e.operand(indices_nonzero_data), t = e.operand(lut);
  const size_t axis = axis_of(vector_axis, m.shape.size());
  const ElementsPtr indices = scatter_by_mask(v, m.elements, m.shape).elements();
  const ElementsPtr dense = make_palettized(indices, m.shape, t.elements, t.shape, axis);
  // The mask in the shape of the result is what a table of vectors of 0 and of 1 makes of it.
  const Shape shape = e.result_type(0).shape;
  ElementsPtr mask = m.elements;
  if (const int64_t vector = t.shape.back(); vector > 1) {
    std::vector<float> bits(static_cast<size_t>(2 * vector), 0.0f);
    std::fill(bits.begin() + vector, bits.end(), 1.0f);
    Shape table(m.shape.size(), 1);
    table.insert(table.end(), {2, vector});
    mask = make_palettized(m.elements, m.shape, make_float_elements(std::move(bits)), table, axis);
  }
  e.set(Tensor::of_encoded(DType::u1, shape, mask), 0);
  e.set(gather_by_mask(t.dtype, *dense, *mask, shape), 1);
}

}  // namespace cortland::mil
