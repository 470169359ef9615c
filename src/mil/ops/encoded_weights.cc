#include "mil/ops/encoded_weights.h"

#include <algorithm>

#include "tensor/code_products.h"
#include "tensor/codes.h"
#include "tensor/convert.h"

namespace cortland::mil {
namespace {

// Which block an element lies in. Rows are runs along the last axis that has more than one element.
class Blocks {
 public:
  Blocks() = default;
  Blocks(const Shape& shape, const Shape& blocks) {
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 1) continue;
      shape_.push_back(shape[i]);
      blocks_.push_back(blocks[i]);
    }
    if (shape_.empty()) shape_ = blocks_ = {1};
  }
  int64_t columns() const { return shape_.back(); }
  int64_t blocks_in_row() const { return blocks_.back(); }
  int64_t block_columns() const { return shape_.back() / blocks_.back(); }
  // Whether no block reaches over several rows: then those of a row follow those of the row before.
  bool has_own_of_rows() const { return std::equal(shape_.begin(), shape_.end() - 1, blocks_.begin()); }
  // The first block of a row.
  int64_t first(int64_t row) const {
    int64_t block = 0, stride = blocks_.back();
    for (size_t i = shape_.size() - 1; i-- > 0;) {
      block += row % shape_[i] / (shape_[i] / blocks_[i]) * stride;
      row /= shape_[i];
      stride *= blocks_[i];
    }
    return block;
  }

 private:
  Shape shape_, blocks_;
};

// Calls body(row, first column, part of out) for the rows that `out`, elements from `first` on, reaches.
template <typename Body>
void for_each_row(int64_t columns, int64_t first, std::span<float> out, Body body) {
  while (!out.empty()) {
    const int64_t column = first % columns;
    const size_t n = std::min(out.size(), to_size(columns - column));
    body(first / columns, column, out.first(n));
    out = out.subspan(n);
    first += static_cast<int64_t>(n);
  }
}

class BlockScaled : public Elements {
 public:
  BlockScaled(const Shape& shape, ElementsPtr data, BlockParameter scale, std::optional<BlockParameter> offset,
              DType dtype)
      : data_(std::move(data)), scale_(std::move(scale.elements)), scale_blocks_(shape, scale.blocks), dtype_(dtype) {
    if (offset) {
      offset_ = std::move(offset->elements);
      offset_blocks_ = Blocks(shape, offset->blocks);
    }
    const auto codes = data_->codes();
    const bool has_even_blocks = scale_blocks_.blocks_in_row() == 1 || scale_blocks_.block_columns() % 2 == 0;
    const bool has_same_blocks = !offset || offset_blocks_.blocks_in_row() == scale_blocks_.blocks_in_row();
    if (codes && is_scalable(codes->dtype) && codes->begins_byte(to_size(scale_blocks_.columns())) && has_even_blocks &&
        has_same_blocks) {
      codes_ = codes;
    }
  }

  void read(int64_t first, std::span<float> out) const override {
    const int64_t columns = scale_blocks_.columns();
    if (codes_ && first % columns == 0 && std::ssize(out) % columns == 0) return read_rows(first / columns, out);
    data_->read(first, out);
    std::vector<float> parameters;
    for_each_row(scale_blocks_.columns(), first, out, [&](int64_t row, int64_t column, std::span<float> values) {
      if (offset_) {
        for_each_block(*offset_, offset_blocks_, row, column, values, parameters, [](std::span<float> block, float z) {
          for (float& value : block) value -= z;
        });
      }
      for_each_block(*scale_, scale_blocks_, row, column, values, parameters, [](std::span<float> block, float s) {
        for (float& value : block) value *= s;
      });
    });
    if (dtype_ == DType::f16) round_to_half(out);
  }

  void multiply(int64_t first, std::span<const float> x, std::span<float> y) const override {
    const int64_t columns = scale_blocks_.columns();
    if (!codes_ || !scale_blocks_.has_own_of_rows() || (offset_ && !offset_blocks_.has_own_of_rows()) ||
        std::ssize(x) != columns || first % columns != 0) {
      return Elements::multiply(first, x, y);
    }
    const size_t blocks = to_size(scale_blocks_.blocks_in_row());
    thread_local std::vector<float> scales, offsets;  // to clear them each time costs as much as to read them
    scales.resize(blocks * y.size());
    offsets.resize(offset_ ? scales.size() : 0);
    scale_->read(scale_blocks_.first(first / columns), scales);
    if (offset_) offset_->read(offset_blocks_.first(first / columns), offsets);
    multiply_scaled_codes(*codes_, to_size(first), {scales, offsets, x.size() / blocks}, dtype_ == DType::f16, x, y);
  }

 private:
  // Whole rows, from row `first` on.
  void read_rows(int64_t first, std::span<float> out) const {
    const size_t columns = to_size(scale_blocks_.columns()), blocks = to_size(scale_blocks_.blocks_in_row());
    std::vector<float> scales(blocks), offsets(offset_ ? blocks : 0);
    for (int64_t row = first; !out.empty(); ++row, out = out.subspan(columns)) {
      scale_->read(scale_blocks_.first(row), scales);
      if (offset_) offset_->read(offset_blocks_.first(row), offsets);
      scale_codes(*codes_, to_size(row) * columns, {scales, offsets, columns / blocks}, dtype_ == DType::f16,
                  out.first(columns));
    }
  }

  template <typename Body>
  static void for_each_block(const Elements& elements, const Blocks& blocks, int64_t row, int64_t column,
                             std::span<float> values, std::vector<float>& parameters, Body body) {
    const int64_t side = blocks.block_columns(), from = column / side;
    const int64_t to = (column + static_cast<int64_t>(values.size()) - 1) / side;
    parameters.resize(to_size(to - from + 1));
    elements.read(blocks.first(row) + from, parameters);
    for (const float parameter : parameters) {
      const size_t n = std::min(values.size(), to_size(side - column % side));
      body(values.first(n), parameter);
      values = values.subspan(n);
      column += static_cast<int64_t>(n);
    }
  }

  ElementsPtr data_, scale_, offset_;
  Blocks scale_blocks_, offset_blocks_;
  DType dtype_;
  std::optional<Codes> codes_;  // of the data, if rows of them can be read at once
};

// Entries of one number.
class Palettized : public Elements {
 public:
  Palettized(ElementsPtr indices, const Shape& shape, std::vector<float> table, const Shape& groups, size_t entries)
      : indices_(std::move(indices)), groups_(shape, groups), table_(std::move(table)), entries_(entries) {
    const auto codes = indices_->codes();
    if (codes && codes->begins_byte(to_size(groups_.block_columns()))) codes_ = codes;
  }

  void read(int64_t first, std::span<float> out) const override {
    if (codes_ && first % groups_.block_columns() == 0) {
      return for_each_group(first, out.size(), [&](size_t i, size_t n, const auto&... group) {
        look_up_codes(group..., out.subspan(i, n));
      });
    }
    indices_->read(first, out);
    for_each_row(groups_.columns(), first, out, [&](int64_t row, int64_t column, std::span<float> values) {
      const int64_t side = groups_.block_columns(), base = groups_.first(row);
      while (!values.empty()) {
        const size_t n = std::min(values.size(), to_size(side - column % side));
        const float* table = table_.data() + to_size(base + column / side) * entries_;
        for (float& value : values.first(n)) value = table[static_cast<size_t>(value)];
        values = values.subspan(n);
        column += static_cast<int64_t>(n);
      }
    });
  }

  void multiply(int64_t first, std::span<const float> x, std::span<float> y) const override {
    const int64_t columns = groups_.columns();
    if (!codes_ || std::ssize(x) != columns || first % columns != 0) {
      return Elements::multiply(first, x, y);
    }
    for (size_t row = 0; row < y.size(); ++row) {
      y[row] = 0;
      for_each_group(
          first + static_cast<int64_t>(row) * columns, x.size(),
          [&](size_t i, size_t n, const auto&... group) { y[row] += multiply_entries(group..., x.subspan(i, n)); });
    }
  }

 private:
  // Calls body(i, n, codes, first code, table) for elements first + i to first + i + n - 1, which share a table.
  template <typename Body>
  void for_each_group(int64_t first, size_t count, Body body) const {
    const int64_t columns = groups_.columns(), side = groups_.block_columns();
    for (size_t i = 0; i < count; i += to_size(side)) {
      const int64_t at = first + static_cast<int64_t>(i);
      const size_t group = to_size(groups_.first(at / columns) + at % columns / side);
      body(i, std::min(count - i, to_size(side)), *codes_, to_size(at),
           std::span(table_).subspan(group * entries_, entries_));
    }
  }

  ElementsPtr indices_;
  Blocks groups_;
  std::vector<float> table_;
  size_t entries_;
  std::optional<Codes> codes_;  // the indices, if a group of them can be read at once
};

// Entries of several numbers along one axis: element by element, as such tables are rare.
class VectorPalettized : public Elements {
 public:
  VectorPalettized(ElementsPtr indices, Shape index_shape, std::vector<float> table, Shape groups, size_t entries,
                   int64_t vector, size_t axis)
      : indices_(std::move(indices)),
        index_shape_(std::move(index_shape)),
        groups_(std::move(groups)),
        table_(std::move(table)),
        entries_(entries),
        vector_(vector),
        axis_(axis) {}

  void read(int64_t first, std::span<float> out) const override {
    for (float& value : out) {
      int64_t rest = first++, part = 0, index = 0, group = 0, index_stride = 1, group_stride = 1;
      for (size_t i = index_shape_.size(); i-- > 0;) {
        const int64_t dim = i == axis_ ? index_shape_[i] * vector_ : index_shape_[i];
        int64_t at = rest % dim;
        rest /= dim;
        if (i == axis_) {
          part = at % vector_;
          at /= vector_;
        }
        index += at * index_stride;
        index_stride *= index_shape_[i];
        group += at / (index_shape_[i] / groups_[i]) * group_stride;
        group_stride *= groups_[i];
      }
      float code = 0;
      indices_->read(index, {&code, 1});
      value = table_[(to_size(group) * entries_ + static_cast<size_t>(code)) * to_size(vector_) + to_size(part)];
    }
  }

 private:
  ElementsPtr indices_;
  Shape index_shape_, groups_;
  std::vector<float> table_;
  size_t entries_;
  int64_t vector_;
  size_t axis_;
};

}  // namespace

ElementsPtr make_block_scaled(const Shape& shape, ElementsPtr data, BlockParameter scale,
                              std::optional<BlockParameter> offset, DType dtype) {
  return std::make_shared<BlockScaled>(shape, std::move(data), std::move(scale), std::move(offset), dtype);
}

ElementsPtr make_palettized(ElementsPtr indices, const Shape& index_shape, const ElementsPtr& table,
                            const Shape& table_shape, size_t vector_axis) {
  const size_t rank = index_shape.size();
  std::vector<float> values(to_size(element_count(table_shape)));
  table->read(0, values);
  const Shape groups(table_shape.begin(), table_shape.begin() + static_cast<std::ptrdiff_t>(rank));
  const size_t entries = to_size(table_shape[rank]);
  const int64_t vector = table_shape[rank + 1];
  if (vector == 1) {
    return std::make_shared<Palettized>(std::move(indices), index_shape, std::move(values), groups, entries);
  }
  return std::make_shared<VectorPalettized>(std::move(indices), index_shape, std::move(values), groups, entries, vector,
                                            vector_axis);
}

Tensor gather_by_mask(DType dtype, const Elements& dense, const Elements& mask, const Shape& shape) {
  std::vector<float> values(to_size(element_count(shape))), kept(values.size());
  dense.read(0, values);
  mask.read(0, kept);
  size_t n = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (kept[i] != 0) values[n++] = values[i];
  }
  values.resize(n);
  return Tensor::of_encoded(dtype, {static_cast<int64_t>(n)}, make_float_elements(std::move(values)));
}

Tensor scatter_by_mask(const Operand& values, const ElementsPtr& mask, const Shape& shape) {
  std::vector<float> dense(to_size(element_count(shape)));
  mask->read(0, dense);
  const auto given = to_size(element_count(values.shape));
  const auto wanted = to_size(std::count(dense.begin(), dense.end(), 1.0f));
  require(given == wanted, ErrorCode::corrupt, "nonzero_data: got {} values, want {}, as many as the mask has ones",
          given, wanted);
  std::vector<float> packed(given);
  values.elements->read(0, packed);
  size_t next = 0;
  for (float& value : dense) {
    if (value != 0) value = packed[next++];
  }
  if (is_float(values.dtype)) return Tensor::of_floats(values.dtype, shape, std::move(dense));
  return Tensor::of_encoded(values.dtype, shape, make_float_elements(std::move(dense)));
}

}  // namespace cortland::mil
