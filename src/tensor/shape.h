// Shapes are row-major, last axis fastest. A dimension of kUnknown is flexible (only in MIL types).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cortland {

using Shape = std::vector<int64_t>;

inline constexpr int64_t kUnknown = -1;

// A dimension or an index as the standard library counts. REQUIRES: not negative.
inline size_t to_size(int64_t value) { return static_cast<size_t>(value); }

// No dimension is unknown.
bool is_fixed(std::span<const int64_t> shape);

// Product of the dimensions; 1 for a scalar. REQUIRES: no unknown dimension and no overflow (checked on input).
int64_t element_count(std::span<const int64_t> shape);

// The strides of a dense array, in elements.
Shape dense_strides(std::span<const int64_t> shape);

// "[1, 64, ?]"
std::string to_string(std::span<const int64_t> shape);

}  // namespace cortland
