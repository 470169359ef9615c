#include "tensor/rearrange.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

// Calls body(offset in x, index in the region) for each run of `run` elements that lie together in both.
template <typename Body>
void for_each_run(const Shape& shape, const Region& region, Body body, int64_t* run) {
  const size_t rank = shape.size();
  const Shape strides = dense_strides(shape);
  // Trailing axes that are taken whole join the run.
  size_t axis = rank;
  *run = 1;
  while (axis > 0 && region.step[axis - 1] == 1) {
    --axis;
    *run *= region.count[axis];
    if (region.count[axis] != shape[axis]) break;
  }
  int64_t offset = 0, runs = 1;
  for (size_t i = 0; i < rank; ++i) offset += region.begin[i] * strides[i];
  for (size_t i = 0; i < axis; ++i) runs *= region.count[i];
  std::vector<int64_t> index(axis, 0);
  for (int64_t r = 0; r < runs; ++r) {
    body(offset, r * *run);
    for (size_t i = axis; i-- > 0;) {
      offset += strides[i] * region.step[i];
      if (++index[i] < region.count[i]) break;
      offset -= strides[i] * region.step[i] * index[i];
      index[i] = 0;
    }
  }
}

// Region of `part` placed at `at` along `axis` of a tensor shaped `shape`.
Region region_at(const Shape& part, size_t axis, int64_t at) {
  Region region{std::vector<int64_t>(part.size(), 0), part, std::vector<int64_t>(part.size(), 1)};
  region.begin[axis] = at;
  return region;
}

void copy_into(std::byte* out, const Shape& shape, const Region& region, const std::byte* in, size_t element) {
  int64_t run = 0;
  for_each_run(
      shape, region,
      [&](int64_t at, int64_t index) {
        std::memcpy(out + to_size(at) * element, in + to_size(index) * element, to_size(run) * element);
      },
      &run);
}

// Operands in one representation, so that their elements can be mixed.
std::vector<Tensor> in_one_representation(std::span<const Tensor> parts) {
  std::vector<Tensor> out(parts.begin(), parts.end());
  const bool all_stored = std::all_of(out.begin(), out.end(), [](const Tensor& t) { return t.is_stored(); });
  for (Tensor& t : out) {
    t = t.decoded();
    if (all_stored || !t.is_stored()) continue;
    const Floats floats = t.floats();
    t = Tensor::of_floats(t.dtype(), t.shape(), std::vector<float>(floats.span().begin(), floats.span().end()));
  }
  return out;
}

}  // namespace

Tensor transpose(const Tensor& operand, std::span<const int32_t> perm) {
  const Tensor x = operand.decoded();
  const size_t rank = x.shape().size(), element = x.raw_element_size();
  const Shape strides = dense_strides(x.shape());
  Shape shape(rank), steps(rank);
  for (size_t i = 0; i < rank; ++i) {
    shape[i] = x.shape()[to_size(perm[i])];
    steps[i] = strides[to_size(perm[i])];
  }
  const std::byte* in = x.raw().data();
  const int64_t row = rank == 0 ? 1 : shape.back(), step = rank == 0 ? 1 : steps.back();
  return x.rearranged(shape, [&](std::byte* out) {
    const int64_t rows = row == 0 ? 0 : element_count(shape) / row;
    std::vector<int64_t> index(rank, 0);
    int64_t offset = 0;
    for (int64_t r = 0; r < rows; ++r) {
      if (step == 1) {
        std::memcpy(out, in + to_size(offset) * element, to_size(row) * element);
        out += to_size(row) * element;
      } else {
        for (int64_t i = 0; i < row; ++i, out += element) {
          std::memcpy(out, in + to_size(offset + i * step) * element, element);
        }
      }
      for (size_t i = rank - std::min<size_t>(rank, 1); i-- > 0;) {
        offset += steps[i];
        if (++index[i] < shape[i]) break;
        offset -= steps[i] * index[i];
        index[i] = 0;
      }
    }
  });
}

Tensor slice(const Tensor& operand, const Region& region) {
  const Tensor x = operand.decoded();
  const size_t element = x.raw_element_size();
  const std::byte* in = x.raw().data();
  return x.rearranged(region.count, [&](std::byte* out) {
    int64_t run = 0;
    for_each_run(
        x.shape(), region,
        [&](int64_t at, int64_t index) {
          std::memcpy(out + to_size(index) * element, in + to_size(at) * element, to_size(run) * element);
        },
        &run);
  });
}

Tensor update_slice(Tensor x, const Region& region, const Tensor& update) {
  const bool half_state = x.is_stored() && x.dtype() == DType::f16;
  if (half_state) {
    std::vector<uint16_t> halves(to_size(update.size()));
    floats_to_halves(update.floats().span(), halves);
    if (!x.is_unique() || x.mutable_stored().empty()) {
      const auto old = x.raw();
      x = x.rearranged(x.shape(), [&](std::byte* out) { std::memcpy(out, old.data(), old.size()); });
    }
    copy_into(x.mutable_stored().data(), x.shape(), region, reinterpret_cast<const std::byte*>(halves.data()),
              sizeof(uint16_t));
    return x;
  }
  const std::vector<Tensor> both = in_one_representation(std::vector<Tensor>{x, update});
  return both[0].rearranged(x.shape(), [&](std::byte* out) {
    std::memcpy(out, both[0].raw().data(), both[0].raw().size());
    copy_into(out, x.shape(), region, both[1].raw().data(), both[1].raw_element_size());
  });
}

Tensor concat(std::span<const Tensor> parts, size_t axis) {
  const std::vector<Tensor> same = in_one_representation(parts);
  Shape shape = same.front().shape();
  for (size_t i = 1; i < same.size(); ++i) shape[axis] += same[i].shape()[axis];
  return same.front().rearranged(shape, [&](std::byte* out) {
    int64_t at = 0;
    for (const Tensor& part : same) {
      copy_into(out, shape, region_at(part.shape(), axis, at), part.raw().data(), part.raw_element_size());
      at += part.shape()[axis];
    }
  });
}

Tensor tile(const Tensor& x, std::span<const int32_t> reps) {
  Tensor result = x;
  for (size_t axis = 0; axis < reps.size(); ++axis) {
    if (reps[axis] != 1) result = concat(std::vector<Tensor>(to_size(reps[axis]), result), axis);
  }
  return result;
}

Tensor pad(const Tensor& x, std::span<const int64_t> before, std::span<const int64_t> after, float value) {
  Shape shape = x.shape();
  for (size_t i = 0; i < shape.size(); ++i) shape[i] += before[i] + after[i];
  std::vector<float> values(to_size(element_count(shape)), value);
  const Floats floats = x.floats();
  const Region region{{before.begin(), before.end()}, x.shape(), std::vector<int64_t>(shape.size(), 1)};
  copy_into(reinterpret_cast<std::byte*>(values.data()), shape, region,
            reinterpret_cast<const std::byte*>(floats.data()), sizeof(float));
  return Tensor::of_floats(x.dtype(), std::move(shape), std::move(values));
}

Tensor gather(const Tensor& x, const Tensor& indices, size_t axis) {
  const Shape& from = x.shape();
  Shape shape(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
  shape.insert(shape.end(), from.begin() + static_cast<std::ptrdiff_t>(axis) + 1, from.end());
  const int64_t outer = element_count(std::span(from).first(axis));
  const int64_t inner = element_count(std::span(from).subspan(axis + 1));
  const auto rows = indices.ints();
  for (const int32_t row : rows) {
    require(row >= 0 && row < from[axis], ErrorCode::invalid, "gather: index {} is out of range; want 0 to {}", row,
            from[axis] - 1);
  }
  if (const Elements* encoded = x.encoded()) {
    std::vector<float> values(to_size(element_count(shape)));
    std::span<float> rest(values);
    for (int64_t o = 0; o < outer; ++o) {
      for (const int32_t row : rows) {
        encoded->read((o * from[axis] + row) * inner, rest.first(to_size(inner)));
        rest = rest.subspan(to_size(inner));
      }
    }
    return Tensor::of_floats(x.dtype(), std::move(shape), std::move(values));
  }
  const size_t run = to_size(inner) * x.raw_element_size();
  const std::byte* in = x.raw().data();
  return x.rearranged(shape, [&](std::byte* out) {
    for (int64_t o = 0; o < outer; ++o) {
      for (const int32_t row : rows) {
        std::memcpy(out, in + to_size(o * from[axis] + row) * run, run);
        out += run;
      }
    }
  });
}

}  // namespace cortland
