// Ops on regions of a tensor: slice_by_index, slice_by_size, slice_update, split.
#pragma once

#include "mil/op.h"
#include "tensor/rearrange.h"

namespace cortland::mil {

// The masks and strides that slices share; an absent one is all false, or all 1.
struct SliceOptions {
  std::vector<int32_t> stride;
  std::vector<bool> begin_mask, end_mask, squeeze_mask;
  // The region of a tensor of `shape`; nullopt when it leaves the tensor, is empty or steps backwards.
  std::optional<Region> region(const Shape& shape, const std::vector<int32_t>& begin,
                               const std::vector<int32_t>& end) const;
  bool squeezes(size_t axis) const { return axis < squeeze_mask.size() && squeeze_mask[axis]; }
  // `counts` without the squeezed axes.
  Shape squeezed(const Shape& counts) const;
  // Whether every list that is given has one entry per axis.
  bool fits(size_t rank) const;
};

// y = x[begin:end:stride]; a set bit of begin_mask or end_mask takes the whole side, one of squeeze_mask drops the
// axis. Negative indices count from the end.
struct SliceByIndex {
  static constexpr std::string_view kName = "slice_by_index";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Ints begin;
  Ints end;
  std::optional<std::vector<int32_t>> stride = {};
  std::optional<std::vector<bool>> begin_mask = {};
  std::optional<std::vector<bool>> end_mask = {};
  std::optional<std::vector<bool>> squeeze_mask = {};
  static constexpr auto fields() {
    return std::tuple{field("x", &SliceByIndex::x),
                      field("begin", &SliceByIndex::begin),
                      field("end", &SliceByIndex::end),
                      optional_field("stride", &SliceByIndex::stride),
                      optional_field("begin_mask", &SliceByIndex::begin_mask),
                      optional_field("end_mask", &SliceByIndex::end_mask),
                      optional_field("squeeze_mask", &SliceByIndex::squeeze_mask)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;

 private:
  SliceOptions options() const;
};

// y = x[begin : begin + size]; a size of -1 reaches to the end.
struct SliceBySize {
  static constexpr std::string_view kName = "slice_by_size";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  Ints begin;
  std::vector<int32_t> size;
  static constexpr auto fields() {
    return std::tuple{field("x", &SliceBySize::x), field("begin", &SliceBySize::begin),
                      field("size", &SliceBySize::size)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// x with x[begin:end:stride] replaced by `update`. C1: one element type. C2: update has the shape of the region, which
// is checked at run time when begin or end is not constant.
struct SliceUpdate {
  static constexpr std::string_view kName = "slice_update";
  static constexpr Opset kSince = Opset::coreml8;
  Value x;
  Value update;
  Ints begin;
  Ints end;
  std::optional<std::vector<int32_t>> stride = {};
  std::optional<std::vector<bool>> begin_mask = {};
  std::optional<std::vector<bool>> end_mask = {};
  std::optional<std::vector<bool>> squeeze_mask = {};
  static constexpr auto fields() {
    return std::tuple{field("x", &SliceUpdate::x),
                      field("update", &SliceUpdate::update),
                      field("begin", &SliceUpdate::begin),
                      field("end", &SliceUpdate::end),
                      optional_field("stride", &SliceUpdate::stride),
                      optional_field("begin_mask", &SliceUpdate::begin_mask),
                      optional_field("end_mask", &SliceUpdate::end_mask),
                      optional_field("squeeze_mask", &SliceUpdate::squeeze_mask)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;

 private:
  SliceOptions options() const;
};

// Consecutive parts of x along an axis, of the given sizes.
struct Split {
  static constexpr std::string_view kName = "split";
  static constexpr Opset kSince = Opset::coreml5;
  Value x;
  std::optional<int32_t> num_splits = {};
  std::optional<std::vector<int32_t>> split_sizes = {};
  int32_t axis = 0;
  static constexpr auto fields() {
    return std::tuple{field("x", &Split::x), optional_field("num_splits", &Split::num_splits),
                      optional_field("split_sizes", &Split::split_sizes), field("axis", &Split::axis)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

}  // namespace cortland::mil
