// Numbers in arrays of callers: checked, and read or written by their strides.
#pragma once

#include <cortland/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capi/app/boundary.h"

namespace cortland::capi {

// What is wrong with an array that is to have this shape, and numbers as wide as `number`: fp32 may stand for fp16.
// `name` is that of the input or output.
std::optional<Outcome> check_array(std::string_view name, const cortland_array* array, std::span<const int64_t> shape,
                                   cortland_number number);

// Describes an input or output. REQUIRES: at most CORTLAND_MAX_RANK sides.
cortland_feature make_feature(std::string_view name, cortland_number number, std::span<const int64_t> shape);

// As numbers of the array, in the order of its shape. REQUIRES: check_array() of the same kind of numbers found
// nothing, and there is one for each element.
void write_array(const cortland_array& array, std::span<const int32_t> values);
void write_array(const cortland_array& array, std::span<const float> values);
void write_array(const cortland_array& array, std::span<const uint16_t> halves);

// REQUIRES: likewise.
std::vector<int32_t> read_ints(const cortland_array& array);
std::vector<float> read_floats(const cortland_array& array);
std::vector<uint16_t> read_halves(const cortland_array& array);

}  // namespace cortland::capi
