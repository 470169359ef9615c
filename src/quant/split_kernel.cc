#include "quant/split_kernel.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/split_kernel.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_HAVE_FLOAT64
using DoubleTag = hn::ScalableTag<double>;
#else
using DoubleTag = hn::CappedTag<double, 1>;
#endif
using DoubleLanes = hn::Vec<DoubleTag>;

// Every lane has its own i, j or both.
HWY_INLINE DoubleLanes energy(DoubleLanes best, DoubleLanes sum, DoubleLanes weight) {
  return hn::Add(best, hn::Div(hn::Mul(sum, sum), weight));
}

// One i, and j of [begin, end): a vector of them at a time.
HWY_INLINE void solve_one(const SplitLayer& layer, size_t i, size_t begin, size_t end) {
  const DoubleTag d;
  const auto sum = hn::Set(d, layer.sums[i]), weight = hn::Set(d, layer.weights[i]),
             limit = hn::Set(d, static_cast<double>(end));
  const auto step = hn::Set(d, static_cast<double>(hn::Lanes(d)));
  auto value = hn::Set(d, -1.0), at = hn::Zero(d), here = hn::Iota(d, static_cast<double>(begin));
  for (size_t j = begin; j < end; j += hn::Lanes(d), here = hn::Add(here, step)) {
    const auto next = energy(hn::LoadU(d, layer.best + j), hn::Sub(sum, hn::LoadU(d, layer.sums + j)),
                             hn::Sub(weight, hn::LoadU(d, layer.weights + j)));
    const auto better = hn::And(hn::Gt(next, value), hn::Lt(here, limit));
    value = hn::IfThenElse(better, next, value);
    at = hn::IfThenElse(better, here, at);
  }
  const auto largest = hn::MaxOfLanes(d, value);
  layer.next[i] = hn::GetLane(largest);
  layer.borders[i] =
      static_cast<uint32_t>(hn::GetLane(hn::MinOfLanes(d, hn::IfThenElse(hn::Eq(value, largest), at, limit))));
}

// As many i as a vector has lanes, from `i` on, and j of [begin, end) one at a time.
HWY_INLINE void solve_some(const SplitLayer& layer, size_t i, size_t count, size_t begin, size_t end) {
  const DoubleTag d;
  const auto sum = hn::LoadU(d, layer.sums + i), weight = hn::LoadU(d, layer.weights + i),
             own = hn::Iota(d, static_cast<double>(i));
  auto value = hn::Set(d, -1.0), at = hn::Zero(d);
  for (size_t j = begin; j < end; ++j) {
    const auto here = hn::Set(d, static_cast<double>(j));
    const auto next = energy(hn::Set(d, layer.best[j]), hn::Sub(sum, hn::Set(d, layer.sums[j])),
                             hn::Sub(weight, hn::Set(d, layer.weights[j])));
    const auto better = hn::And(hn::Gt(next, value), hn::Lt(here, own));
    value = hn::IfThenElse(better, next, value);
    at = hn::IfThenElse(better, here, at);
  }
  HWY_ALIGN double values[kSplitPadding], borders[kSplitPadding];
  hn::Store(value, d, values);
  hn::Store(at, d, borders);
  for (size_t l = 0; l < count; ++l) {
    layer.next[i + l] = values[l];
    layer.borders[i + l] = static_cast<uint32_t>(borders[l]);
  }
}

// i of [low, high], whose borders lie in [first, last]: the middle one divides the rest, until so few are left that
// those of a vector have nearly the same borders to try.
void SolveRange(const SplitLayer& layer, size_t low, size_t high, size_t first, size_t last) {
  constexpr size_t kFew = 8;
  static_assert(HWY_LANES(double) <= kSplitPadding);
  while (high - low >= kFew) {
    const size_t i = low + (high - low) / 2, end = std::min(last, i - 1) + 1;
    solve_one(layer, i, std::min(std::max<size_t>(first, layer.floors[i]), end - 1), end);
    const size_t border = layer.borders[i];
    SolveRange(layer, low, i - 1, first, border);
    low = i + 1;
    first = border;
  }
  const size_t lanes = hn::Lanes(DoubleTag());
  for (size_t i = low; i <= high; i += lanes) {
    const size_t count = std::min(lanes, high - i + 1), end = std::min(last, i + count - 2) + 1;
    solve_some(layer, i, count, std::min(std::max<size_t>(first, layer.floors[i]), std::min(last, i - 1)), end);
    first = layer.borders[i + count - 1];
  }
}

void SolveLayer(const SplitLayer& layer, size_t low, size_t high) { SolveRange(layer, low, high, low - 1, high - 1); }

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(SolveLayer);

void solve_layer(const SplitLayer& layer, size_t low, size_t high) {
  HWY_DYNAMIC_DISPATCH(SolveLayer)(layer, low, high);
}

}  // namespace cortland
#endif
