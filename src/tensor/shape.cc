#include "tensor/shape.h"

#include <fmt/format.h>

#include <algorithm>

namespace cortland {

bool is_fixed(std::span<const int64_t> shape) { return std::find(shape.begin(), shape.end(), kUnknown) == shape.end(); }

int64_t element_count(std::span<const int64_t> shape) {
  int64_t count = 1;
  for (const int64_t dim : shape) count *= dim;
  return count;
}

Shape dense_strides(std::span<const int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::string to_string(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i] == kUnknown ? "?" : fmt::format("{}", shape[i]);
  }
  return text + "]";
}

}  // namespace cortland
