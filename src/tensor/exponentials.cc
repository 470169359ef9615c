#include "tensor/exponentials.h"

#include <algorithm>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/exponentials.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;

// y = body(x), vector by vector; the last one is padded with -infinity, whose exp() is 0.
template <typename Body>
HWY_INLINE void map_vectors(const float* x, size_t n, float* y, Body body) {
  const FloatTag df;
  const size_t lanes = hn::Lanes(df);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(body(hn::LoadU(df, x + i)), df, y + i);
  if (i < n) {
    float rest[HWY_MAX_BYTES / sizeof(float)];
    std::fill_n(std::copy(x + i, x + n, rest), lanes - (n - i), -std::numeric_limits<float>::infinity());
    hn::StoreU(body(hn::LoadU(df, rest)), df, rest);
    std::memcpy(y + i, rest, (n - i) * sizeof(float));
  }
}

void Silus(const float* x, size_t n, float* y) {
  const FloatTag df;
  const auto one = hn::Set(df, 1.0f);
  const auto most = hn::Set(df, 100.0f);  // exp() of it is infinite, and of more is not defined
  map_vectors(x, n, y, [&](auto v) HWY_ATTR {
    return hn::Div(v, hn::Add(one, hn::Exp(df, hn::Min(hn::Neg(v), most))));
  });
}

float Exponentials(const float* x, size_t n, float top, float* y) {
  const FloatTag df;
  const auto shift = hn::Set(df, top);
  auto sums = hn::Zero(df);
  map_vectors(x, n, y, [&](auto v) HWY_ATTR {
    const auto difference = hn::Sub(v, shift);
    const auto result = hn::IfThenElse(hn::IsNaN(difference), difference, hn::Exp(df, difference));
    sums = hn::Add(sums, result);
    return result;
  });
  return hn::GetLane(hn::SumOfLanes(df, sums));
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(Exponentials);
HWY_EXPORT(Silus);

float exponentials(const float* x, size_t n, float top, float* y) {
  return HWY_DYNAMIC_DISPATCH(Exponentials)(x, n, top, y);
}

void silus(const float* x, size_t n, float* y) { HWY_DYNAMIC_DISPATCH(Silus)(x, n, y); }

}  // namespace cortland
#endif  // HWY_ONCE
