#include "capi/app/array.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <limits>

#include "portable/half.h"

namespace cortland::capi {

using portable::float_to_half;
using portable::half_to_float;
namespace {

template <typename List>
std::string text_of_shape(const List& shape) {
  std::string text;
  for (const auto side : shape) text += (text.empty() ? "" : ", ") + std::to_string(side);
  return "[" + text + "]";
}

const char* name_of(cortland_number number) {
  switch (number) {
    case CORTLAND_NUMBER_FP16: return "fp16";
    case CORTLAND_NUMBER_FP32: return "fp32";
    case CORTLAND_NUMBER_INT32: return "int32";
    default: return "no such number";
  }
}

size_t count_of(const cortland_array& array) {
  size_t count = 1;
  for (int32_t i = 0; i < array.rank; ++i) count *= array.shape[i];
  return count;
}

// Calls visit(address, i) for element i of the shape, row after row.
template <typename Stored, typename Byte, typename Visit>
void visit_all(const cortland_array& array, Byte* data, Visit visit) {
  const auto last = static_cast<size_t>(array.rank - 1);
  const size_t width = array.shape[last], step = array.strides[last] * sizeof(Stored);
  std::array<size_t, CORTLAND_MAX_RANK> at = {};
  for (size_t i = 0, count = count_of(array); i < count;) {
    size_t offset = 0;
    for (size_t side = 0; side < last; ++side) offset += at[side] * array.strides[side];
    Byte* row = data + offset * sizeof(Stored);
    for (size_t column = 0; column < width; ++column) visit(row + column * step, i++);
    for (size_t side = last; side-- > 0 && ++at[side] == array.shape[side];) at[side] = 0;
  }
}

template <typename Stored, typename Value, typename Convert>
void write(const cortland_array& array, std::span<const Value> values, Convert convert) {
  visit_all<Stored>(array, static_cast<char*>(array.data), [&](char* address, size_t i) {
    const Stored number = convert(values[i]);
    std::memcpy(address, &number, sizeof(number));
  });
}

template <typename Stored, typename Value, typename Convert>
std::vector<Value> read(const cortland_array& array, Convert convert) {
  std::vector<Value> values(count_of(array));
  visit_all<Stored>(array, static_cast<const char*>(array.data), [&](const char* address, size_t i) {
    Stored number{};
    std::memcpy(&number, address, sizeof(number));
    values[i] = convert(number);
  });
  return values;
}

}  // namespace

std::optional<Outcome> check_array(std::string_view name, const cortland_array* array, std::span<const int64_t> shape,
                                   cortland_number number) {
  if (array == nullptr || array->data == nullptr) return missing("array");
  const bool fits = array->number == number || (number == CORTLAND_NUMBER_FP16 && array->number == CORTLAND_NUMBER_FP32);
  if (!fits) {
    return invalid(std::string(name) + ": another kind of number; got " + name_of(array->number) + ", want " + name_of(number));
  }
  if (array->rank < 1 || array->rank > CORTLAND_MAX_RANK) {
    return invalid(std::string(name) + ": got rank " + std::to_string(array->rank) + ", want " + std::to_string(shape.size()));
  }
  const std::span<const size_t> got(array->shape, static_cast<size_t>(array->rank));
  const auto same = [](size_t a, int64_t b) { return b >= 0 && a == static_cast<size_t>(b); };
  if (!std::equal(got.begin(), got.end(), shape.begin(), shape.end(), same)) {
    return invalid(std::string(name) + ": another shape; got " + text_of_shape(got) + ", want " + text_of_shape(shape));
  }
  constexpr size_t kMost = std::numeric_limits<ptrdiff_t>::max() / sizeof(float);
  size_t count = kMost, reach = kMost;  // what is left of each
  for (size_t i = 0; i < got.size(); ++i) {
    const size_t stride = array->strides[i], steps = got[i] == 0 ? 0 : got[i] - 1;
    if (got[i] > count || (stride > 0 && steps > reach / stride)) return invalid(std::string(name) + ": is too large");
    count /= std::max<size_t>(got[i], 1);
    reach -= steps * stride;
  }
  return std::nullopt;
}

cortland_feature make_feature(std::string_view name, cortland_number number, std::span<const int64_t> shape) {
  cortland_feature feature = {};
  feature.name = {name.data(), name.size()};
  feature.number = number;
  feature.rank = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), feature.shape);
  return feature;
}

void write_array(const cortland_array& array, std::span<const int32_t> values) {
  write<int32_t>(array, values, std::identity());
}

void write_array(const cortland_array& array, std::span<const float> values) {
  if (array.number == CORTLAND_NUMBER_FP32) return write<float>(array, values, std::identity());
  write<uint16_t>(array, values, float_to_half);
}

void write_array(const cortland_array& array, std::span<const uint16_t> halves) {
  if (array.number == CORTLAND_NUMBER_FP32) return write<float>(array, halves, half_to_float);
  write<uint16_t>(array, halves, std::identity());
}

std::vector<int32_t> read_ints(const cortland_array& array) { return read<int32_t, int32_t>(array, std::identity()); }

std::vector<float> read_floats(const cortland_array& array) {
  if (array.number == CORTLAND_NUMBER_FP32) return read<float, float>(array, std::identity());
  return read<uint16_t, float>(array, half_to_float);
}

std::vector<uint16_t> read_halves(const cortland_array& array) {
  if (array.number == CORTLAND_NUMBER_FP32) return read<float, uint16_t>(array, float_to_half);
  return read<uint16_t, uint16_t>(array, std::identity());
}

}  // namespace cortland::capi
