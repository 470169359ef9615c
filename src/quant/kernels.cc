#include "quant/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "quant/scale.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatLanes = hn::Vec<FloatTag>;
constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(float);

float MaxMagnitude(const float* values, size_t n) {
  const FloatTag d;
  const size_t lanes = hn::Lanes(d);
  auto largest = hn::Zero(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) largest = hn::Max(largest, hn::Abs(hn::LoadU(d, values + i)));
  float result = hn::GetLane(hn::MaxOfLanes(d, largest));
  for (; i < n; ++i) result = std::max(result, std::abs(values[i]));
  return result;
}

bool IsAllFinite(const float* values, size_t n) {
  const FloatTag d;
  const size_t lanes = hn::Lanes(d);
  const auto most = hn::Set(d, std::numeric_limits<float>::max());
  HWY_ALIGN float padded[kMaxLanes] = {};
  for (size_t i = 0; i < n; i += lanes) {
    std::memcpy(padded, values + i, std::min(lanes, n - i) * sizeof(float));
    if (!hn::AllTrue(d, hn::Le(hn::Abs(hn::Load(d, padded)), most))) return false;
  }
  return true;
}

HWY_INLINE FloatLanes round_and_clip(FloatLanes x, FloatLanes lowest, FloatLanes highest) {
  return hn::Min(hn::Max(hn::Round(x), lowest), highest);
}

void RoundCodes(const float* values, size_t n, float scale, float lowest, float highest, uint8_t* codes) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, scale), low = hn::Set(d, lowest), high = hn::Set(d, highest);
  HWY_ALIGN float padded[kMaxLanes] = {};
  HWY_ALIGN int32_t whole[kMaxLanes];
  for (size_t i = 0; i < n; i += lanes) {
    const size_t count = std::min(lanes, n - i);
    std::memcpy(padded, values + i, count * sizeof(float));
    const auto q = round_and_clip(hn::Div(hn::Load(d, padded), s), low, high);
    hn::Store(hn::ConvertTo(di, q), di, whole);
    for (size_t l = 0; l < count; ++l) codes[i + l] = static_cast<uint8_t>(whole[l]);
  }
}

// As many blocks as a vector has lanes, transposed: element i of block l stands in lane l of row i.
class BlockGroup {
 public:
  explicit BlockGroup(size_t side) : side_(side), lanes_(hn::Lanes(FloatTag())), x_(side * lanes_), o_(side * lanes_, 1.0f) {}

  // Blocks [first, first + count) of the task; lanes behind them hold zeros.
  void load(const BlockTask& task, size_t first, size_t count) {
    std::fill(x_.begin(), x_.end(), 0.0f);
    for (size_t l = 0; l < count; ++l) {
      const float* from = task.values.data() + (first + l) * side_;
      for (size_t i = 0; i < side_; ++i) x_[i * lanes_ + l] = from[i];
    }
    if (task.importance.empty()) return;
    for (size_t l = 0; l < count; ++l) {
      const float* from = task.importance.data() + (first + l) * side_ % task.importance.size();
      for (size_t i = 0; i < side_; ++i) o_[i * lanes_ + l] = from[i];
    }
  }
  HWY_INLINE FloatLanes x(size_t i) const { return hn::LoadU(FloatTag(), x_.data() + i * lanes_); }
  HWY_INLINE FloatLanes o(size_t i) const { return hn::LoadU(FloatTag(), o_.data() + i * lanes_); }
  size_t side() const { return side_; }
  size_t lanes() const { return lanes_; }

 private:
  size_t side_, lanes_;
  std::vector<float> x_, o_;
};

// A grid of codes from `lowest` to `highest` around `zero`.
struct Grid {
  FloatLanes lowest, highest, zero;
};

// What least squares make of the codes that x * inverse rounds to: the best scale for them, and how much of the energy of x
// that explains.
struct Fit {
  FloatLanes scale, gain;
};

template <bool kWeighted>
HWY_INLINE Fit fit(const BlockGroup& group, FloatLanes inverse, const Grid& grid) {
  const FloatTag d;
  auto num = hn::Zero(d), den = hn::Zero(d);
  for (size_t i = 0; i < group.side(); ++i) {
    const auto x = group.x(i);
    const auto q = hn::Sub(round_and_clip(hn::Add(hn::Mul(x, inverse), grid.zero), grid.lowest, grid.highest), grid.zero);
    const auto weighted = kWeighted ? hn::Mul(q, group.o(i)) : q;
    num = hn::Add(num, hn::Mul(x, weighted));
    den = hn::Add(den, hn::Mul(q, weighted));
  }
  const auto useful = hn::And(hn::Gt(num, hn::Zero(d)), hn::Gt(den, hn::Zero(d)));
  const auto scale = hn::IfThenElseZero(useful, hn::Div(num, hn::IfThenElse(useful, den, hn::Set(d, 1.0f))));
  return {scale, hn::Mul(num, scale)};
}

// The squared error under a scale that is stored.
template <bool kWeighted>
HWY_INLINE FloatLanes error_of(const BlockGroup& group, FloatLanes scale, const Grid& grid) {
  const FloatTag d;
  auto sum = hn::Zero(d);
  for (size_t i = 0; i < group.side(); ++i) {
    const auto x = group.x(i);
    const auto q = hn::Sub(round_and_clip(hn::Add(hn::Div(x, scale), grid.zero), grid.lowest, grid.highest), grid.zero);
    const auto e = hn::Sub(x, hn::Mul(q, scale));
    sum = hn::Add(sum, kWeighted ? hn::Mul(hn::Mul(e, e), group.o(i)) : hn::Mul(e, e));
  }
  return sum;
}

// Each lane as it is stored; a zero becomes scale 1.
HWY_INLINE FloatLanes stored_scales(FloatLanes scale, int largest_code, uint16_t* halves) {
  const FloatTag d;
  HWY_ALIGN float lanes[kMaxLanes];
  hn::Store(scale, d, lanes);
  for (size_t l = 0; l < hn::Lanes(d); ++l) {
    halves[l] = lanes[l] > 0 ? round_scale(lanes[l], largest_code) : kUnitScale;
    lanes[l] = scale_value(halves[l]);
  }
  return hn::Load(d, lanes);
}

HWY_INLINE void write_codes(const BlockGroup& group, FloatLanes scale, const Grid& grid, size_t first, size_t count, uint8_t mask,
                            std::span<uint8_t> codes) {
  const hn::RebindToSigned<FloatTag> di;
  HWY_ALIGN int32_t whole[kMaxLanes];
  for (size_t i = 0; i < group.side(); ++i) {
    const auto q = round_and_clip(hn::Add(hn::Div(group.x(i), scale), grid.zero), grid.lowest, grid.highest);
    hn::Store(hn::ConvertTo(di, q), di, whole);
    for (size_t l = 0; l < count; ++l) codes[(first + l) * group.side() + i] = static_cast<uint8_t>(whole[l]) & mask;
  }
}

constexpr uint8_t kNibble = 0xf;

// Of 13 scales from max|w| / 6.6 to max|w| / 9.6 the one whose codes explain most, or plain rounding with max|w| / 7 where the
// rounding of the scale itself makes that better.
template <bool kWeighted>
void SearchInt4Blocks(const BlockTask& task) {
  constexpr float kFirst = 6.6f, kStep = 0.25f, kPlain = 7;
  constexpr int kCandidates = 13, kLargest = 8;
  const FloatTag d;
  const Grid grid{hn::Set(d, -8.0f), hn::Set(d, 7.0f), hn::Zero(d)};
  BlockGroup group(task.side);
  const size_t blocks = task.scales.size();
  for (size_t first = 0; first < blocks; first += group.lanes()) {
    const size_t count = std::min(group.lanes(), blocks - first);
    group.load(task, first, count);
    auto largest = hn::Zero(d);
    for (size_t i = 0; i < group.side(); ++i) largest = hn::Max(largest, hn::Abs(group.x(i)));
    const auto is_zero = hn::Eq(largest, hn::Zero(d));
    const auto unit = hn::Div(hn::Set(d, 1.0f), hn::IfThenElse(is_zero, hn::Set(d, 1.0f), largest));
    auto gain = hn::Set(d, -1.0f), scale = hn::Zero(d);
    for (int c = 0; c < kCandidates; ++c) {
      const Fit next = fit<kWeighted>(group, hn::Mul(unit, hn::Set(d, kFirst + kStep * static_cast<float>(c))), grid);
      const auto better = hn::Gt(next.gain, gain);
      gain = hn::IfThenElse(better, next.gain, gain);
      scale = hn::IfThenElse(better, next.scale, scale);
    }
    uint16_t searched[kMaxLanes], plain[kMaxLanes];
    const auto s = stored_scales(scale, kLargest, searched);
    const auto p = stored_scales(hn::Div(largest, hn::Set(d, kPlain)), kLargest, plain);
    const auto plain_wins = hn::Lt(error_of<kWeighted>(group, p, grid), error_of<kWeighted>(group, s, grid));
    const auto chosen = hn::IfThenElse(plain_wins, p, s);
    HWY_ALIGN float lanes[kMaxLanes];
    hn::Store(chosen, d, lanes);
    for (size_t l = 0; l < count; ++l) task.scales[first + l] = lanes[l] == scale_value(searched[l]) ? searched[l] : plain[l];
    write_codes(group, chosen, grid, first, count, kNibble, task.codes);
  }
}

// For each of three offsets around that of the plain range, 8 scales from the plain one down.
template <bool kWeighted>
void SearchUint4Blocks(const BlockTask& task) {
  constexpr int kShrinks = 8, kLargest = 15;
  constexpr float kShrink = 0.05f;
  const FloatTag d;
  const auto zero = hn::Zero(d), top = hn::Set(d, 15.0f), one = hn::Set(d, 1.0f);
  BlockGroup group(task.side);
  const size_t blocks = task.scales.size();
  for (size_t first = 0; first < blocks; first += group.lanes()) {
    const size_t count = std::min(group.lanes(), blocks - first);
    group.load(task, first, count);
    auto low = zero, high = zero;
    for (size_t i = 0; i < group.side(); ++i) {
      low = hn::Min(low, group.x(i));
      high = hn::Max(high, group.x(i));
    }
    const auto range = hn::Sub(high, low);
    const auto unit = hn::Div(top, hn::IfThenElse(hn::Eq(range, zero), one, range));
    const auto middle = round_and_clip(hn::Mul(hn::Sub(zero, low), unit), zero, top);
    auto gain = hn::Set(d, -1.0f), scale = zero, offset = middle;
    for (int z = -1; z <= 1; ++z) {
      const auto at = hn::Min(hn::Max(hn::Add(middle, hn::Set(d, static_cast<float>(z))), zero), top);
      const Grid grid{zero, top, at};
      for (int c = 0; c < kShrinks; ++c) {
        const Fit next = fit<kWeighted>(group, hn::Mul(unit, hn::Set(d, 1.0f + kShrink * static_cast<float>(c))), grid);
        const auto better = hn::Gt(next.gain, gain);
        gain = hn::IfThenElse(better, next.gain, gain);
        scale = hn::IfThenElse(better, next.scale, scale);
        offset = hn::IfThenElse(better, at, offset);
      }
    }
    uint16_t searched[kMaxLanes], plain[kMaxLanes];
    const auto s = stored_scales(scale, kLargest, searched);
    const auto p = stored_scales(hn::Div(range, top), kLargest, plain);
    const auto plain_error = error_of<kWeighted>(group, p, {zero, top, middle});
    const auto plain_wins = hn::Lt(plain_error, error_of<kWeighted>(group, s, {zero, top, offset}));
    const auto chosen = hn::IfThenElse(plain_wins, p, s);
    const auto chosen_offset = hn::IfThenElse(plain_wins, middle, offset);
    HWY_ALIGN float lanes[kMaxLanes], offsets[kMaxLanes];
    hn::Store(chosen, d, lanes);
    hn::Store(chosen_offset, d, offsets);
    for (size_t l = 0; l < count; ++l) {
      task.scales[first + l] = lanes[l] == scale_value(searched[l]) ? searched[l] : plain[l];
      task.offsets[first + l] = static_cast<uint8_t>(offsets[l]);
    }
    write_codes(group, chosen, {zero, top, chosen_offset}, first, count, kNibble, task.codes);
  }
}

void SearchInt4(const BlockTask& task) {
  task.importance.empty() ? SearchInt4Blocks<false>(task) : SearchInt4Blocks<true>(task);
}
void SearchUint4(const BlockTask& task) {
  task.importance.empty() ? SearchUint4Blocks<false>(task) : SearchUint4Blocks<true>(task);
}

void CountBelow(const float* values, size_t n, const float* thresholds, size_t count, uint8_t* codes) {
  const FloatTag d;
  const size_t lanes = hn::Lanes(d);
  const hn::RebindToSigned<FloatTag> di;
  HWY_ALIGN float padded[kMaxLanes] = {};
  HWY_ALIGN int32_t whole[kMaxLanes];
  for (size_t i = 0; i < n; i += lanes) {
    const size_t used = std::min(lanes, n - i);
    std::memcpy(padded, values + i, used * sizeof(float));
    const auto x = hn::Load(d, padded);
    auto below = hn::Zero(di);
    // A mask is -1 in the lanes where it holds.
    for (size_t t = 0; t < count; ++t) below = hn::Sub(below, hn::BitCast(di, hn::VecFromMask(d, hn::Lt(hn::Set(d, thresholds[t]), x))));
    hn::Store(below, di, whole);
    for (size_t l = 0; l < used; ++l) codes[i + l] = static_cast<uint8_t>(whole[l]);
  }
}

#if HWY_HAVE_FLOAT64
Split FindSplit(const double* best, const double* sums, const double* weights, double sum, double weight, size_t begin, size_t end) {
  const hn::ScalableTag<double> d;
  constexpr size_t kMaxDoubles = HWY_MAX_BYTES / sizeof(double);
  const size_t lanes = hn::Lanes(d);
  Split split{begin, -1};
  size_t j = begin;
  if (end - begin >= lanes) {
    const auto s = hn::Set(d, sum), w = hn::Set(d, weight);
    auto value = hn::Set(d, -1.0), at = hn::Zero(d);
    for (; j + lanes <= end; j += lanes) {
      const auto part = hn::Sub(s, hn::LoadU(d, sums + j));
      const auto next = hn::Add(hn::LoadU(d, best + j), hn::Div(hn::Mul(part, part), hn::Sub(w, hn::LoadU(d, weights + j))));
      const auto better = hn::Gt(next, value);
      value = hn::IfThenElse(better, next, value);
      at = hn::IfThenElse(better, hn::Set(d, static_cast<double>(j)), at);
    }
    HWY_ALIGN double values[kMaxDoubles], starts[kMaxDoubles];
    hn::Store(value, d, values);
    hn::Store(at, d, starts);
    for (size_t l = 0; l < lanes; ++l) {
      const size_t here = static_cast<size_t>(starts[l]) + l;
      if (values[l] > split.value || (values[l] == split.value && here < split.at)) split = {here, values[l]};
    }
  }
  for (; j < end; ++j) {
    const double part = sum - sums[j], next = best[j] + part * part / (weight - weights[j]);
    if (next > split.value) split = {j, next};
  }
  return split;
}
#else
Split FindSplit(const double* best, const double* sums, const double* weights, double sum, double weight, size_t begin, size_t end) {
  Split split{begin, -1};
  for (size_t j = begin; j < end; ++j) {
    const double part = sum - sums[j], next = best[j] + part * part / (weight - weights[j]);
    if (next > split.value) split = {j, next};
  }
  return split;
}
#endif

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(MaxMagnitude);
HWY_EXPORT(IsAllFinite);
HWY_EXPORT(RoundCodes);
HWY_EXPORT(SearchInt4);
HWY_EXPORT(SearchUint4);
HWY_EXPORT(CountBelow);
HWY_EXPORT(FindSplit);

float max_magnitude(std::span<const float> values) { return HWY_DYNAMIC_DISPATCH(MaxMagnitude)(values.data(), values.size()); }

bool is_all_finite(std::span<const float> values) { return HWY_DYNAMIC_DISPATCH(IsAllFinite)(values.data(), values.size()); }

void round_codes(std::span<const float> values, float scale, int lowest, int highest, std::span<uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(RoundCodes)
  (values.data(), values.size(), scale, static_cast<float>(lowest), static_cast<float>(highest), codes.data());
}

void search_int4(const BlockTask& task) { HWY_DYNAMIC_DISPATCH(SearchInt4)(task); }
void search_uint4(const BlockTask& task) { HWY_DYNAMIC_DISPATCH(SearchUint4)(task); }

void count_below(std::span<const float> values, std::span<const float> thresholds, std::span<uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(CountBelow)(values.data(), values.size(), thresholds.data(), thresholds.size(), codes.data());
}

Split find_split(const double* best, const double* sums, const double* weights, double sum, double weight, size_t begin, size_t end) {
  return HWY_DYNAMIC_DISPATCH(FindSplit)(best, sums, weights, sum, weight, begin, end);
}

}  // namespace cortland
#endif
