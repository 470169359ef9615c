#include "lint/cases.h"
#include "mil/ops/constexpr.h"
#include "mil/ops/linear.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

mil::Binding weights(Builder& b, const char* name, Shape shape, DType dtype) {
  return b.constant(name, sized_weights(std::move(shape), dtype)).id;
}

Value times(Builder& b, Value x, Value weight) { return b.add("conv", mil::Conv{.x = x, .weight = weight}); }

Body scaled(DType dtype, Shape scale) {
  return [=](Builder& b, Value x) {
    return times(b, x,
                 b.add("scaled", mil::ConstexprBlockwiseShiftScale{.data = weights(b, "data", {64, 64, 1, 1}, dtype),
                                                                   .scale = weights(b, "scale", scale, DType::f16)}));
  };
}

Body palette(Shape lut, DType entries = DType::f16) {
  return [=](Builder& b, Value x) {
    Shape indices{64, 64, 1, 1};
    if (lut.back() > 1) indices[0] /= lut.back();
    const mil::ConstexprLutToDense op{.indices = weights(b, "indices", indices, DType::u4),
                                      .lut = weights(b, "lut", lut, entries),
                                      .vector_axis = lut.back() > 1 ? std::optional(0) : std::nullopt};
    const Value weight = b.add("palette", op);
    if (is_float(entries)) return times(b, x, weight);
    return times(
        b, x,
        b.add("scaled", mil::ConstexprBlockwiseShiftScale{.data = mil::Binding(weight.id),
                                                          .scale = weights(b, "scale", {1, 1, 1, 1}, DType::f16)}));
  };
}

// A palette whose entries are scaled int8 numbers.
Value joint_palette(Builder& b, Value x) {
  const Value lut =
      b.add("entries", mil::ConstexprBlockwiseShiftScale{.data = weights(b, "codes", {2, 1, 1, 1, 16, 1}, DType::i8),
                                                         .scale = weights(b, "scale", {2, 1, 1, 1, 1, 1}, DType::f16)});
  return times(b, x,
               b.add("palette", mil::ConstexprLutToDense{.indices = weights(b, "indices", {64, 64, 1, 1}, DType::u4),
                                                         .lut = mil::Binding(lut.id)}));
}

// The table of a palette gets another shape than the builder allows.
Change with_lut(Shape shape) {
  return [=](Package& package) { set_parameter(find_operation(package, "palette"), "lut", {sized_weights(shape)}); };
}

}  // namespace

std::vector<Case> compression_cases() {
  const Body good = palette({2, 1, 1, 1, 16, 1});
  return {
      {"L32",
       "blocks",
       {scaled(DType::i4, {64, 2, 1, 1})},
       {scaled(DType::i8, {64, 1, 1, 1})},
       "main: scaled (constexpr_blockwise_shift_scale) | int4[64, 64, 1, 1] with scales [64, 2, 1, 1]: blocks"},
      {"L32",
       "int8 blocks",
       {scaled(DType::i8, {1, 2, 1, 1})},
       {scaled(DType::i8, {1, 1, 1, 1})},
       "blocks inside a channel"},
      {"L32", "int4 channels", {scaled(DType::i4, {64, 1, 1, 1})}, {joint_palette}, "want int8", Severity::warning},
      {"L33",
       "groups",
       {good, with_lut({3, 1, 1, 1, 16, 1})},
       {good, with_lut({4, 1, 1, 1, 16, 1})},
       "3 groups on an axis of 64"},
      {"L34", "entries", {good, with_lut({2, 1, 1, 1, 15, 1})}, {good}, "indices uint4 into 15 entries"},
      {"L35", "columns", {palette({2, 2, 1, 1, 16, 1})}, {good}, "tables [2, 2, 1, 1, 16, 1]: groups on another axis"},
      {"L35",
       "int8 entries",
       {palette({1, 1, 1, 1, 16, 1}, DType::i8)},
       {good},
       "entries of 8 bits",
       Severity::warning},
      {"L35", "joint", {joint_palette}, {good}, "entries of 8 bits", Severity::warning},
      {"L35", "vectors", {palette({1, 1, 1, 1, 16, 2})}, {good}, "entries are vectors of 2", Severity::warning},
  };
}

}  // namespace cortland::lint
