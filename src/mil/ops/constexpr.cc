#include "mil/ops/constexpr.h"

#include <bit>

#include "mil/ops/encoded_weights.h"
#include "tensor/convert.h"

namespace cortland::mil {
namespace {

Shape shape_of(const Inference& in, const Binding& shape) {
  const auto literal = in.constant(shape);
  in.check(literal.has_value() && literal->dtype == DType::u32 && literal->shape.size() == 1, "shape: want a vector of uint32");
  const std::vector<int32_t> dims = literal->as_ints();
  uint64_t count = 1;
  for (const int32_t dim : dims) {
    in.check(dim > 0 && count <= (uint64_t{1} << 48) / static_cast<uint64_t>(dim), "shape: a dimension of {} is out of range", dim);
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
  in.check(type.dtype == DType::f16 || type.dtype == DType::f32, "scale: got {}, want fp16 or fp32", to_string(type));
}

uint64_t bytes_of_bits(const Shape& shape, int bits) { return stored_size(static_cast<uint64_t>(element_count(shape)), bits); }

}  // namespace

std::vector<Type> ConstexprBlockwiseShiftScale::infer(const Inference& in) const {
  const Type d = in.binding(data), s = in.binding(scale);
  const bool known = d.dtype == DType::i4 || d.dtype == DType::u4 || d.dtype == DType::i8 || d.dtype == DType::u8 ||
                     d.dtype == DType::f16 || d.dtype == DType::f32;
  in.check(known, "data: got {}, want int4, uint4, int8, uint8 or a float type", to_string(d));
  check_scale(in, s);
  in.check(!d.shape.empty() && d.shape.size() == s.shape.size() && divides(s.shape, d.shape),
           "scale {} does not cut data {} into blocks", to_string(s), to_string(d));
  if (offset) {
    const Type o = in.binding(*offset);
    in.check(o.shape == s.shape && (o.dtype == d.dtype || o.dtype == DType::f16 || o.dtype == DType::f32),
             "offset: got {}, want the shape of scale {} and the type of data or a float type", to_string(o), to_string(s));
  }
  return {{s.dtype, d.shape}};
}

void ConstexprBlockwiseShiftScale::eval(Evaluation& e) const {
  const Shape shape = e.result_type().shape;
  const Operand d = e.operand(data), s = e.operand(scale);
  std::optional<BlockParameter> shift;
  if (offset) {
    const Operand o = e.operand(*offset);
    shift = BlockParameter{o.elements, o.shape};
  }
  e.set(Tensor::of_encoded(s.dtype, shape, make_block_scaled(shape, d.elements, {s.elements, s.shape}, shift, s.dtype)));
}

std::vector<Type> ConstexprLutToDense::infer(const Inference& in) const {
  const Type i = in.binding(indices), t = in.binding(lut);
  const int bits = bits_of(i.dtype);
  const bool known = i.dtype == DType::u1 || i.dtype == DType::u2 || i.dtype == DType::u3 || i.dtype == DType::u4 ||
                     i.dtype == DType::u6 || i.dtype == DType::u8;
  in.check(known, "indices: got {}, want uint1, uint2, uint3, uint4, uint6 or uint8", to_string(i));
  in.check(is_table_type(t.dtype), "lut: got {}, want fp16, fp32, int8 or uint8", to_string(t));
  const size_t rank = i.shape.size();
  in.check(rank >= 1 && t.shape.size() == rank + 2 && t.shape[rank] == int64_t{1} << bits && t.shape[rank + 1] >= 1 &&
               divides(Shape(t.shape.begin(), t.shape.begin() + static_cast<std::ptrdiff_t>(rank)), i.shape),
           "lut {} does not fit indices {}", to_string(t), to_string(i));
  Shape shape = i.shape;
  const int64_t vector = t.shape[rank + 1];
  in.check(vector == 1 || vector_axis.has_value(), "vector_axis is missing for lut {}", to_string(t));
  if (vector > 1) shape[in.axis(*vector_axis, rank)] *= vector;
  return {{t.dtype, shape}};
}

void ConstexprLutToDense::eval(Evaluation& e) const {
  const Operand i = e.operand(indices), t = e.operand(lut);
  const auto rank = static_cast<int32_t>(i.shape.size());
  const int32_t axis = vector_axis.value_or(0);
  e.set(Tensor::of_encoded(t.dtype, e.result_type().shape,
                           make_palettized(i.elements, i.shape, t.elements, t.shape, static_cast<size_t>(axis < 0 ? axis + rank : axis))));
}

std::vector<Type> ConstexprLutToDense16::infer(const Inference& in) const {
  const Type i = in.binding(indices), t = in.binding(lut);
  in.check(is_table_type(t.dtype) && t.shape.size() == 1, "lut: got {}, want a vector of fp16, fp32, int8 or uint8", to_string(t));
  const int64_t entries = t.shape.front();
  in.check(entries == 2 || entries == 4 || entries == 16 || entries == 64 || entries == 256,
           "lut: got {} entries, want 2, 4, 16, 64 or 256", entries);
  const Shape dims = shape_of(in, shape);
  const auto want = static_cast<int64_t>(bytes_of_bits(dims, std::countr_zero(static_cast<uint64_t>(entries))));
  in.check(i.dtype == DType::u8 && i.shape == Shape{want}, "indices: got {}, want uint8[{}]", to_string(i), want);
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
  e.set(Tensor::of_encoded(t.dtype, dims, make_palettized(make_stored_elements(dtype, i.bytes, i.owner), dims, t.elements, table, 0)));
}

std::vector<Type> ConstexprAffineDequantize::infer(const Inference& in) const {
  const Type d = in.binding(quantized_data), z = in.binding(zero_point), s = in.binding(scale);
  in.check(d.dtype == DType::i8 || d.dtype == DType::u8, "quantized_data: got {}, want int8 or uint8", to_string(d));
  in.check(z.dtype == d.dtype || z.dtype == DType::f32, "zero_point: got {}, want the type of {} or fp32", to_string(z), to_string(d));
  check_scale(in, s);
  const size_t at = in.axis(axis, d.shape.size());
  for (const Type& t : {z, s}) {
    in.check(t.shape.empty() || t.shape == Shape{d.shape[at]}, "{}: want a scalar or a vector of {}", to_string(t), d.shape[at]);
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
  e.set(Tensor::of_encoded(s.dtype, d.shape, make_block_scaled(d.shape, d.elements, parameter(s), parameter(z), s.dtype)));
}

std::vector<Type> ConstexprSparseToDense::infer(const Inference& in) const {
  const Type v = in.binding(nonzero_data), m = in.binding(mask);
  in.check(m.dtype == DType::u1, "mask: got {}, want uint1", to_string(m));
  in.check(v.shape.size() == 1, "nonzero_data: got {}, want a vector", to_string(v));
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
  in.check(m.dtype == DType::u8 && m.shape == Shape{want}, "mask: got {}, want uint8[{}]", to_string(m), want);
  in.check(v.shape.size() == 1, "nonzero_data: got {}, want a vector", to_string(v));
  return {{v.dtype, dims}};
}

void ConstexprSparseToDense16::eval(Evaluation& e) const {
  const Operand v = e.operand(nonzero_data), m = e.operand(mask);
  e.set(scatter_by_mask(v, make_stored_elements(DType::u1, m.bytes, m.owner), e.result_type().shape));
}

}  // namespace cortland::mil
