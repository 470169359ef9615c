// Searching stored numbers for NaN and infinity.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "tensor/dtype.h"

namespace cortland {

// The index of the first element that is no finite number; nullopt when all are, or when the type has no such values.
std::optional<size_t> find_non_finite(DType dtype, std::span<const std::byte> bytes);

}  // namespace cortland
