#include "capi/interp/handles.h"

namespace cortland::capi {

cortland_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found: return CORTLAND_NOT_FOUND;
    case ErrorCode::corrupt: return CORTLAND_CORRUPT;
    case ErrorCode::unsupported: return CORTLAND_UNSUPPORTED;
    case ErrorCode::invalid: return CORTLAND_INVALID;
    case ErrorCode::io: return CORTLAND_IO;
  }
  return CORTLAND_INTERNAL;
}

std::optional<cortland_number> number_of(DType dtype) {
  if (dtype == DType::f16) return CORTLAND_NUMBER_FP16;
  if (dtype == DType::f32) return CORTLAND_NUMBER_FP32;
  if (dtype == DType::i32) return CORTLAND_NUMBER_INT32;
  return std::nullopt;
}

cortland_array dense_array(void* data, cortland_number number, const Shape& shape) {
  cortland_array array = {};
  array.data = data;
  array.number = number;
  array.rank = static_cast<int32_t>(shape.size());
  size_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    array.shape[i] = static_cast<size_t>(shape[i]);
    array.strides[i] = stride;
    stride *= array.shape[i];
  }
  return array;
}

}  // namespace cortland::capi

uint32_t cortland_interp_abi_version(void) noexcept { return CORTLAND_INTERP_ABI_VERSION; }
