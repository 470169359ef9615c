#include "capi/app/array.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

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

// Calls visit(address, i) for each row of the shape; its first number is number i of all.
template <typename Stored, typename Byte, typename Visit>
void visit_rows(const cortland_array& array, Byte* data, Visit visit) {
  const auto last = static_cast<size_t>(array.rank - 1);
  std::array<size_t, CORTLAND_MAX_RANK> at = {};
  for (size_t i = 0, count = count_of(array); i < count; i += array.shape[last]) {
    size_t offset = 0;
    for (size_t side = 0; side < last; ++side) offset += at[side] * array.strides[side];
    visit(data + offset * sizeof(Stored), i);
    for (size_t side = last; side-- > 0 && ++at[side] == array.shape[side];) at[side] = 0;
  }
}

struct Row {
  size_t width, step;  // numbers, and the bytes from one of them to the next
};
template <typename Stored>
Row row_of(const cortland_array& array) {
  const auto last = static_cast<size_t>(array.rank - 1);
  return {array.shape[last], array.strides[last] * sizeof(Stored)};
}

template <typename Stored, typename Value, typename Convert>
void write(const cortland_array& array, std::span<const Value> values, Convert convert) {
  const Row row_layout = row_of<Stored>(array);
  visit_rows<Stored>(array, static_cast<char*>(array.data), [&](char* row, size_t first) {
    const Value* from = values.data() + first;
    const auto [width, step] = row_layout;
    if (std::is_same_v<Stored, Value> && step == sizeof(Stored)) {
      std::memcpy(row, from, width * sizeof(Stored));
      return;
    }
    for (size_t column = 0; column < width; ++column) {
      const Stored number = convert(from[column]);
      std::memcpy(row + column * step, &number, sizeof(number));
    }
  });
}

template <typename Stored, typename Value, typename Convert>
std::vector<Value> read(const cortland_array& array, Convert convert) {
  std::vector<Value> values(count_of(array));
  const Row row_layout = row_of<Stored>(array);
  const auto* data = static_cast<const char*>(array.data);
  visit_rows<Stored>(array, data, [&](const char* row, size_t first) {
    Value* to = values.data() + first;
    const auto [width, step] = row_layout;
    if (std::is_same_v<Stored, Value> && step == sizeof(Stored)) {
      std::memcpy(to, row, width * sizeof(Stored));
      return;
    }
    for (size_t column = 0; column < width; ++column) {
      Stored number{};
      std::memcpy(&number, row + column * step, sizeof(number));
      to[column] = convert(number);
    }
  });
  return values;
}

}  // namespace

std::optional<Outcome> check_array(std::string_view name, const cortland_array* array, std::span<const int64_t> shape,
                                   cortland_number number) {
  if (array == nullptr || array->data == nullptr) return missing("array");
  const std::string where = std::string(name) + ": ";
  const bool is_wider = number == CORTLAND_NUMBER_FP16 && array->number == CORTLAND_NUMBER_FP32;
  if (array->number != number && !is_wider) {
    return invalid(where + "another kind of number; got " + name_of(array->number) + ", want " + name_of(number));
  }
  if (array->rank < 1 || array->rank > CORTLAND_MAX_RANK) {
    return invalid(where + "got rank " + std::to_string(array->rank) + ", want " + std::to_string(shape.size()));
  }
  const std::span<const size_t> got(array->shape, static_cast<size_t>(array->rank));
  const auto same = [](size_t a, int64_t b) { return b >= 0 && a == static_cast<size_t>(b); };
  if (!std::equal(got.begin(), got.end(), shape.begin(), shape.end(), same)) {
    return invalid(where + "another shape; got " + text_of_shape(got) + ", want " + text_of_shape(shape));
  }
  constexpr size_t kMost = std::numeric_limits<ptrdiff_t>::max() / sizeof(float);
  size_t count = kMost, reach = kMost;  // what is left of each
  for (size_t i = 0; i < got.size(); ++i) {
    const size_t stride = array->strides[i], steps = got[i] == 0 ? 0 : got[i] - 1;
    if (got[i] > count || (stride > 0 && steps > reach / stride)) return invalid(where + "is too large");
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
