#include "tensor/convert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/convert.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/half_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using HalfTag = HalfTagOf<FloatTag>;
// Eight lanes at most, like those of codes: a sum runs in the same order whichever way its weights are stored.
using DotTag = hn::CappedTag<float, 8>;

template <typename Tag>
HWY_INLINE hn::Vec<Tag> load_as_float(Tag df, const hwy::float16_t* at) {
  return from_half_lanes(df, hn::LoadU(HalfTagOf<Tag>(), at));
}
template <typename Tag>
HWY_INLINE hn::Vec<Tag> load_as_float(Tag df, const hwy::bfloat16_t* at) {
  return hn::PromoteTo(df, hn::LoadU(hn::Rebind<hwy::bfloat16_t, Tag>(), at));
}
template <typename Tag>
HWY_INLINE hn::Vec<Tag> load_as_float(Tag df, const float* at) {
  return hn::LoadU(df, at);
}

// Calls body(vector, index) for each full vector of `stored`; the rest is copied to a padded buffer first, so that
// every element goes through the same arithmetic. body's index is where the vector's lanes belong.
template <typename Stored, typename Body>
HWY_INLINE void for_each_vector(const Stored* stored, size_t n, Body body) {
  const FloatTag df;
  const size_t lanes = hn::Lanes(df);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(load_as_float(df, stored + i), i, lanes);
  if (i < n) {
    Stored rest[HWY_MAX_BYTES / sizeof(float)] = {};
    std::memcpy(rest, stored + i, (n - i) * sizeof(Stored));
    body(load_as_float(df, rest), i, n - i);
  }
}

template <typename T>
HWY_INLINE void store_lanes(const T* lanes, size_t count, T* out) {
  std::memcpy(out, lanes, count * sizeof(T));
}

template <typename Stored>
void ToFloats(const Stored* stored, float* out, size_t n) {
  const FloatTag df;
  const size_t lanes = hn::Lanes(df);
  for_each_vector(stored, n, [&](auto v, size_t i, size_t count) HWY_ATTR {
    if (count == lanes) {
      hn::StoreU(v, df, out + i);
    } else {
      float rest[HWY_MAX_BYTES / sizeof(float)];
      hn::StoreU(v, df, rest);
      store_lanes(rest, count, out + i);
    }
  });
}

HWY_INLINE void store_halves(hn::Vec<FloatTag> v, size_t count, hwy::float16_t* out) {
  const HalfTag dh;
  const auto halves = to_half_lanes(FloatTag(), v);
  if (count == hn::Lanes(FloatTag())) {
    hn::StoreU(halves, dh, out);
  } else {
    hwy::float16_t rest[HWY_MAX_BYTES / sizeof(float)];
    hn::StoreU(halves, dh, rest);
    store_lanes(rest, count, out);
  }
}

// Returns the largest magnitude as fp32 bits (NaN and infinity compare larger than every finite value).
template <typename Stored>
uint32_t ToHalves(const Stored* stored, hwy::float16_t* out, size_t n) {
  const FloatTag df;
  const hn::RebindToUnsigned<FloatTag> du;
  const auto limit = hn::Set(df, 65504.0f);
  auto largest = hn::Zero(du);
  for_each_vector(stored, n, [&](auto v, size_t i, size_t count) HWY_ATTR {
    largest = hn::Max(largest, hn::BitCast(du, hn::Abs(v)));
    store_halves(hn::Max(hn::Min(v, limit), hn::Neg(limit)), count, out + i);
  });
  return hn::GetLane(hn::MaxOfLanes(du, largest));
}

void FloatsToHalves(const float* values, hwy::float16_t* out, size_t n) {
  for_each_vector(values, n, [&](auto v, size_t i, size_t count) HWY_ATTR { store_halves(v, count, out + i); });
}

void RoundToHalf(float* values, size_t n) {
  const FloatTag df;
  const size_t lanes = hn::Lanes(df);
  for_each_vector(values, n, [&](auto v, size_t i, size_t count) HWY_ATTR {
    const auto rounded = round_lanes_to_half(df, v);
    if (count == lanes) {
      hn::StoreU(rounded, df, values + i);
    } else {
      float rest[HWY_MAX_BYTES / sizeof(float)];
      hn::StoreU(rounded, df, rest);
      store_lanes(rest, count, values + i);
    }
  });
}

template <typename Stored>
float Dot(const Stored* stored, const float* x, size_t n) {
  const DotTag df;
  const size_t lanes = hn::Lanes(df);
  auto a = hn::Zero(df), b = hn::Zero(df), c = hn::Zero(df), d = hn::Zero(df);
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = hn::MulAdd(load_as_float(df, stored + i), hn::LoadU(df, x + i), a);
    b = hn::MulAdd(load_as_float(df, stored + i + lanes), hn::LoadU(df, x + i + lanes), b);
    c = hn::MulAdd(load_as_float(df, stored + i + 2 * lanes), hn::LoadU(df, x + i + 2 * lanes), c);
    d = hn::MulAdd(load_as_float(df, stored + i + 3 * lanes), hn::LoadU(df, x + i + 3 * lanes), d);
  }
  for (; i + lanes <= n; i += lanes) a = hn::MulAdd(load_as_float(df, stored + i), hn::LoadU(df, x + i), a);
  float sum = hn::GetLane(hn::SumOfLanes(df, hn::Add(hn::Add(a, b), hn::Add(c, d))));
  if (i < n) {
    float rest[HWY_MAX_BYTES / sizeof(float)];
    ToFloats(stored + i, rest, n - i);
    for (size_t k = 0; i < n; ++i, ++k) sum += rest[k] * x[i];
  }
  return sum;
}

void HalfToFloats(const hwy::float16_t* in, float* out, size_t n) { ToFloats(in, out, n); }
void BrainToFloats(const hwy::bfloat16_t* in, float* out, size_t n) { ToFloats(in, out, n); }
uint32_t HalfToHalves(const hwy::float16_t* in, hwy::float16_t* out, size_t n) { return ToHalves(in, out, n); }
uint32_t BrainToHalves(const hwy::bfloat16_t* in, hwy::float16_t* out, size_t n) { return ToHalves(in, out, n); }
uint32_t FloatToHalves(const float* in, hwy::float16_t* out, size_t n) { return ToHalves(in, out, n); }
float HalfDot(const hwy::float16_t* w, const float* x, size_t n) { return Dot(w, x, n); }
float BrainDot(const hwy::bfloat16_t* w, const float* x, size_t n) { return Dot(w, x, n); }
float FloatDot(const float* w, const float* x, size_t n) { return Dot(w, x, n); }

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(HalfToFloats);
HWY_EXPORT(BrainToFloats);
HWY_EXPORT(HalfToHalves);
HWY_EXPORT(BrainToHalves);
HWY_EXPORT(FloatToHalves);
HWY_EXPORT(FloatsToHalves);
HWY_EXPORT(RoundToHalf);
HWY_EXPORT(HalfDot);
HWY_EXPORT(BrainDot);
HWY_EXPORT(FloatDot);

namespace {

const hwy::float16_t* as_half(const void* p) { return static_cast<const hwy::float16_t*>(p); }
const hwy::bfloat16_t* as_brain(const void* p) { return static_cast<const hwy::bfloat16_t*>(p); }
const float* as_float(const void* p) { return static_cast<const float*>(p); }

// The fp32 value next to `value` that rounds to the same fp16 value (rounding twice to nearest would not): an inexact
// result takes the neighbour whose last bit is set.
float narrow(double value) {
  if (!std::isfinite(value)) return static_cast<float>(value);
  const double limit = std::numeric_limits<float>::max();
  const float nearest = static_cast<float>(std::clamp(value, -limit, limit));
  if (nearest == value) return nearest;
  const bool away = std::abs(static_cast<double>(nearest)) > std::abs(value);
  return std::bit_cast<float>((std::bit_cast<uint32_t>(nearest) - (away ? 1 : 0)) | 1);
}

ConvertStats double_to_halves(const std::byte* stored, std::span<uint16_t> out) {
  std::vector<float> floats(out.size());
  for (size_t i = 0; i < out.size(); ++i) {
    double value = 0;
    std::memcpy(&value, stored + i * sizeof(double), sizeof(double));
    floats[i] = narrow(value);
  }
  return to_halves(DType::f32, reinterpret_cast<const std::byte*>(floats.data()), out);
}

// For the rare source that holds more than ordinary values.
ConvertStats count_outliers(DType dtype, const std::byte* stored, size_t n) {
  std::vector<float> floats(n);
  to_floats(dtype, stored, floats);
  ConvertStats stats;
  for (const float value : floats) {
    if (!std::isfinite(value)) {
      stats.non_finite = true;
      continue;
    }
    stats.max_abs = std::max(stats.max_abs, std::abs(value));
    if (std::abs(value) > kHalfMax) ++stats.saturated;
  }
  return stats;
}

}  // namespace

bool is_convertible(DType dtype) {
  return dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f32 || dtype == DType::f64;
}

void to_floats(DType dtype, const std::byte* stored, std::span<float> out) {
  switch (dtype) {
    case DType::f16: HWY_DYNAMIC_DISPATCH(HalfToFloats)(as_half(stored), out.data(), out.size()); return;
    case DType::bf16: HWY_DYNAMIC_DISPATCH(BrainToFloats)(as_brain(stored), out.data(), out.size()); return;
    case DType::f64:
      for (size_t i = 0; i < out.size(); ++i) {
        double value = 0;
        std::memcpy(&value, stored + i * sizeof(double), sizeof(double));
        out[i] = static_cast<float>(value);
      }
      return;
    case DType::f32:
      if (!out.empty()) std::memcpy(out.data(), stored, out.size_bytes());
      return;
    default: fail(ErrorCode::unsupported, "elements of {} cannot be read as numbers", name_of(dtype));
  }
}

void ConvertStats::merge(const ConvertStats& other) {
  max_abs = std::max(max_abs, other.max_abs);
  non_finite = non_finite || other.non_finite;
  saturated += other.saturated;
}

ConvertStats to_halves(DType dtype, const std::byte* stored, std::span<uint16_t> out) {
  auto* halves = reinterpret_cast<hwy::float16_t*>(out.data());
  uint32_t largest = 0;
  switch (dtype) {
    case DType::f16: largest = HWY_DYNAMIC_DISPATCH(HalfToHalves)(as_half(stored), halves, out.size()); break;
    case DType::bf16: largest = HWY_DYNAMIC_DISPATCH(BrainToHalves)(as_brain(stored), halves, out.size()); break;
    case DType::f64: return double_to_halves(stored, out);
    default: largest = HWY_DYNAMIC_DISPATCH(FloatToHalves)(as_float(stored), halves, out.size());
  }
  if (largest > std::bit_cast<uint32_t>(kHalfMax)) return count_outliers(dtype, stored, out.size());
  ConvertStats stats;
  stats.max_abs = std::bit_cast<float>(largest);
  return stats;
}

void floats_to_halves(std::span<const float> values, std::span<uint16_t> out) {
  HWY_DYNAMIC_DISPATCH(FloatsToHalves)
  (values.data(), reinterpret_cast<hwy::float16_t*>(out.data()), values.size());
}

void round_to_half(std::span<float> values) {
  HWY_DYNAMIC_DISPATCH(RoundToHalf)(values.data(), values.size());
}

float dot(DType dtype, const std::byte* stored, const float* x, size_t n) {
  switch (dtype) {
    case DType::f16: return HWY_DYNAMIC_DISPATCH(HalfDot)(as_half(stored), x, n);
    case DType::bf16: return HWY_DYNAMIC_DISPATCH(BrainDot)(as_brain(stored), x, n);
    default: return HWY_DYNAMIC_DISPATCH(FloatDot)(as_float(stored), x, n);
  }
}

}  // namespace cortland
#endif  // HWY_ONCE
