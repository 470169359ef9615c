// Vectors of fp16 to fp32 and back, for files that Highway compiles once per instruction set: it includes this as
// often.
#include <bit>
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "tensor/half.h"

#if defined(CORTLAND_TENSOR_HALF_LANES) == defined(HWY_TARGET_TOGGLE)
#ifdef CORTLAND_TENSOR_HALF_LANES
#undef CORTLAND_TENSOR_HALF_LANES
#else
#define CORTLAND_TENSOR_HALF_LANES
#endif

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename FloatTag>
using HalfTagOf = hn::Rebind<hwy::float16_t, FloatTag>;

#if HWY_ARCH_ARM_A64 || (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2)
template <typename FloatTag>
HWY_INLINE hn::Vec<FloatTag> from_half_lanes(FloatTag df, hn::Vec<HalfTagOf<FloatTag>> v) {
  return hn::PromoteTo(df, v);
}
template <typename FloatTag>
HWY_INLINE hn::Vec<HalfTagOf<FloatTag>> to_half_lanes(FloatTag, hn::Vec<FloatTag> v) {
  return hn::DemoteTo(HalfTagOf<FloatTag>(), v);
}
#else
// Without instructions for fp16, Highway (1.0) truncates and knows no infinity: element by element instead.
constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(float);

template <typename FloatTag>
HWY_INLINE hn::Vec<FloatTag> from_half_lanes(FloatTag df, hn::Vec<HalfTagOf<FloatTag>> v) {
  hwy::float16_t halves[kMaxLanes] = {};
  float lanes[kMaxLanes];
  hn::StoreU(v, HalfTagOf<FloatTag>(), halves);
  for (size_t i = 0; i < kMaxLanes; ++i) lanes[i] = half_to_float(std::bit_cast<uint16_t>(halves[i]));
  return hn::LoadU(df, lanes);
}
template <typename FloatTag>
HWY_INLINE hn::Vec<HalfTagOf<FloatTag>> to_half_lanes(FloatTag df, hn::Vec<FloatTag> v) {
  float lanes[kMaxLanes] = {};
  hwy::float16_t halves[kMaxLanes];
  hn::StoreU(v, df, lanes);
  for (size_t i = 0; i < kMaxLanes; ++i) halves[i] = std::bit_cast<hwy::float16_t>(float_to_half(lanes[i]));
  return hn::LoadU(HalfTagOf<FloatTag>(), halves);
}
#endif

template <typename FloatTag>
HWY_INLINE hn::Vec<FloatTag> round_lanes_to_half(FloatTag df, hn::Vec<FloatTag> v) {
  return from_half_lanes(df, to_half_lanes(df, v));
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
