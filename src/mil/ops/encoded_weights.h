// What the codes of compressed weights stand for. For constexpr.cc.
#pragma once

#include <optional>

#include "mil/op.h"
#include "tensor/elements.h"

namespace cortland::mil {

// One number for each block of an array; `blocks` are how many there are along each axis.
struct BlockParameter {
  ElementsPtr elements;
  Shape blocks;
};

// scale * (data - offset), rounded to `dtype`, that of the scale.
ElementsPtr make_block_scaled(const Shape& shape, ElementsPtr data, BlockParameter scale,
                              std::optional<BlockParameter> offset, DType dtype);

// table[group][index]. table_shape: [g0, ..., gk-1, entries, V]; V values of an entry lie along vector_axis.
ElementsPtr make_palettized(ElementsPtr indices, const Shape& index_shape, const ElementsPtr& table,
                            const Shape& table_shape, size_t vector_axis);

// What a mask of ones and zeros leaves of an array of `shape`: a vector, in order.
Tensor gather_by_mask(DType dtype, const Elements& dense, const Elements& mask, const Shape& shape);

// The values, in order, where the mask holds 1. Errors: corrupt when their numbers differ.
Tensor scatter_by_mask(const Operand& values, const ElementsPtr& mask, const Shape& shape);

}  // namespace cortland::mil
