#include "mil/ops/slice.h"

#include <algorithm>

namespace cortland::mil {
namespace {

bool is_set(const std::vector<bool>& mask, size_t axis) { return axis < mask.size() && mask[axis]; }

SliceOptions make_options(const std::optional<std::vector<int32_t>>& stride,
                          const std::optional<std::vector<bool>>& begin_mask,
                          const std::optional<std::vector<bool>>& end_mask,
                          const std::optional<std::vector<bool>>& squeeze_mask) {
  return {stride.value_or(std::vector<int32_t>{}), begin_mask.value_or(std::vector<bool>{}),
          end_mask.value_or(std::vector<bool>{}), squeeze_mask.value_or(std::vector<bool>{})};
}

Region whole(const Shape& shape) {
  return {std::vector<int64_t>(shape.size(), 0), shape, std::vector<int64_t>(shape.size(), 1)};
}

Region checked_region(const SliceOptions& options, const Shape& shape, const std::vector<int32_t>& begin,
                      const std::vector<int32_t>& end, std::string_view op) {
  const auto region = options.region(shape, begin, end);
  if (!region) {
    fail(ErrorCode::invalid, "{}: from {} to {} is no region of {}", op, Literal::of(begin).text(),
         Literal::of(end).text(), to_string(shape));
  }
  return *region;
}

}  // namespace

std::optional<Region> SliceOptions::region(const Shape& shape, const std::vector<int32_t>& begin,
                                           const std::vector<int32_t>& end) const {
  Region region;
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t step = stride.empty() ? 1 : stride[i];
    if (step <= 0) return std::nullopt;
    int64_t from = is_set(begin_mask, i) ? 0 : begin[i];
    if (from < 0) from += shape[i];
    int64_t to = is_set(end_mask, i) ? shape[i] : end[i];
    if (to < 0) to += shape[i];
    to = std::min(to, shape[i]);
    if (squeezes(i)) to = from + 1;
    if (from < 0 || to <= from || to > shape[i]) return std::nullopt;
    region.begin.push_back(from);
    region.count.push_back((to - from + step - 1) / step);
    region.step.push_back(step);
  }
  return region;
}

Shape SliceOptions::squeezed(const Shape& counts) const {
  Shape shape;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!squeezes(i)) shape.push_back(counts[i]);
  }
  return shape;
}

bool SliceOptions::fits(size_t rank) const {
  const auto good = [&](size_t size) { return size == 0 || size == rank; };
  return good(stride.size()) && good(begin_mask.size()) && good(end_mask.size()) && good(squeeze_mask.size());
}

SliceOptions SliceByIndex::options() const { return make_options(stride, begin_mask, end_mask, squeeze_mask); }

std::vector<Type> SliceByIndex::infer(const Inference& in) const {
  const Type& a = in.tensor(x);
  const SliceOptions o = options();
  const auto rank = static_cast<int64_t>(a.shape.size());
  in.check(in.length(begin) == rank && in.length(end) == rank && o.fits(a.shape.size()),
           "begin, end, stride and masks: want one entry per axis of {}", a);
  Shape counts(a.shape.size(), kUnknown);
  for (size_t i = 0; i < counts.size(); ++i) {
    const bool fixed_begin = is_set(o.begin_mask, i) || begin.is_constant();
    const bool fixed_end = is_set(o.end_mask, i) || end.is_constant();
    if (o.squeezes(i)) counts[i] = 1;
    if (o.squeezes(i) || !fixed_begin || !fixed_end || a.shape[i] == kUnknown) continue;
    const SliceOptions axis{o.stride.empty() ? o.stride : std::vector<int32_t>{o.stride[i]},
                            {is_set(o.begin_mask, i)},
                            {is_set(o.end_mask, i)},
                            {}};
    const auto region = axis.region({a.shape[i]}, {begin.is_constant() ? begin.literal[i] : 0},
                                    {end.is_constant() ? end.literal[i] : 0});
    in.check(region.has_value(), "axis {} of {}: the slice is empty or leaves the tensor", i, a);
    counts[i] = region->count[0];
  }
  return {{a.dtype, o.squeezed(counts)}};
}

void SliceByIndex::eval(Evaluation& e) const {
  const Tensor& a = e.get(x);
  const Region region = checked_region(options(), a.shape(), e.ints(begin), e.ints(end), kName);
  e.set(slice(a, region).reshaped(options().squeezed(region.count)));
}

std::vector<Type> SliceBySize::infer(const Inference& in) const {
  const Type& a = in.tensor(x);
  in.check(in.length(begin) == static_cast<int64_t>(a.shape.size()) && size.size() == a.shape.size(),
           "begin and size: want one entry per axis of {}", a);
  Shape shape;
  for (size_t i = 0; i < size.size(); ++i) {
    const bool fixed = begin.is_constant() && a.shape[i] != kUnknown;
    shape.push_back(size[i] != -1 ? size[i] : fixed ? a.shape[i] - begin.literal[i] : kUnknown);
    in.check(shape[i] == kUnknown || shape[i] > 0, "axis {} of {}: the slice is empty", i, a);
    in.check(!fixed || (begin.literal[i] >= 0 && begin.literal[i] + shape[i] <= a.shape[i]),
             "axis {} of {}: the slice leaves the tensor", i, a);
  }
  return {{a.dtype, std::move(shape)}};
}

void SliceBySize::eval(Evaluation& e) const {
  const Tensor& a = e.get(x);
  Region region = whole(a.shape());
  const std::vector<int32_t> from = e.ints(begin);
  for (size_t i = 0; i < size.size(); ++i) {
    region.begin[i] = from[i];
    region.count[i] = size[i] == -1 ? a.shape()[i] - from[i] : size[i];
    if (from[i] >= 0 && region.count[i] > 0 && from[i] + region.count[i] <= a.shape()[i]) continue;
    fail(ErrorCode::invalid, "{}: {} elements from {} leave axis {} of {}", kName, region.count[i], from[i], i,
         to_string(a.shape()));
  }
  e.set(slice(a, region));
}

SliceOptions SliceUpdate::options() const { return make_options(stride, begin_mask, end_mask, squeeze_mask); }

std::vector<Type> SliceUpdate::infer(const Inference& in) const {
  const Type &a = in.tensor(x), &u = in.tensor(update);
  in.require_same_dtype(x, update);
  const SliceOptions o = options();
  const auto rank = static_cast<int64_t>(a.shape.size());
  in.check(in.length(begin) == rank && in.length(end) == rank && o.fits(a.shape.size()),
           "begin, end, stride and masks: want one entry per axis of {}", a);
  in.check(!u.shape.empty(), "update: want at least one axis");
  if (begin.is_constant() && end.is_constant()) {
    const auto region = o.region(a.shape, begin.literal, end.literal);
    in.check(region && o.squeezed(region->count) == u.shape, "update {} does not fit the region of {}", u, a);
  }
  return {a};
}

void SliceUpdate::eval(Evaluation& e) const {
  const Tensor u = e.get(update);
  const std::vector<int32_t> from = e.ints(begin), to = e.ints(end);
  Tensor a = e.take(x);
  const Region region = checked_region(options(), a.shape(), from, to, kName);
  const Shape wanted = options().squeezed(region.count);
  if (u.shape() != wanted) {
    fail(ErrorCode::invalid, "{}: update {}, want {}", kName, to_string(u.shape()), to_string(wanted));
  }
  e.set(update_slice(std::move(a), region, u));
}

std::vector<Type> Split::infer(const Inference& in) const {
  const Type& a = in.tensor(x);
  const size_t at = in.axis(axis, a.shape.size());
  std::vector<int32_t> sizes = split_sizes.value_or(std::vector<int32_t>{});
  if (!split_sizes) {
    in.check(num_splits && *num_splits > 0 && a.shape[at] % *num_splits == 0, "{} does not split evenly", a);
    sizes.assign(static_cast<size_t>(*num_splits), static_cast<int32_t>(a.shape[at] / *num_splits));
  }
  int64_t total = 0;
  std::vector<Type> types;
  for (const int32_t size : sizes) {
    in.check(size > 0, "split_sizes {}: want positive sizes", sizes);
    Type part = a;
    part.shape[at] = size;
    types.push_back(part);
    total += size;
  }
  in.check(total == a.shape[at], "split_sizes {}: want a sum of {}", sizes, a.shape[at]);
  return types;
}

void Split::eval(Evaluation& e) const {
  const Tensor a = e.get(x);
  const size_t at = static_cast<size_t>(axis < 0 ? axis + static_cast<int32_t>(a.shape().size()) : axis);
  int64_t from = 0;
  for (size_t i = 0; i < e.result_count(); ++i) {
    Region region = whole(a.shape());
    region.begin[at] = from;
    region.count[at] = e.result_type(i).shape[at];
    from += region.count[at];
    e.set(slice(a, region), i);
  }
}

}  // namespace cortland::mil
