// From the results of the standard-library layers to errors.
#pragma once

#include <utility>

#include "base/error.h"
#include "portable/result.h"

namespace cortland {

// Errors: `code`, with the message of the result.
template <typename T>
T unwrap(portable::Result<T> result, ErrorCode code) {
  if (!result) fail(code, "{}", result.message());
  return std::move(*result);
}

}  // namespace cortland
