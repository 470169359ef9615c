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
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    if (!hn::AllTrue(d, hn::Le(hn::Abs(hn::LoadU(d, values + i)), most))) return false;
  }
  for (; i < n; ++i) {
    if (!std::isfinite(values[i])) return false;
  }
  return true;
}

// The low byte of each lane.
HWY_INLINE void store_bytes(hn::Vec<hn::RebindToSigned<FloatTag>> lanes, uint8_t* out) {
  const hn::Rebind<uint8_t, FloatTag> bytes;
  hn::StoreU(hn::TruncateTo(bytes, hn::BitCast(hn::RebindToUnsigned<FloatTag>(), lanes)), bytes, out);
}

// codes[i] = the low byte of make(values[i]), a vector at a time; the last ones from a padded buffer.
template <typename Make>
HWY_INLINE void write_bytes(const float* values, size_t n, uint8_t* codes, Make make) {
  const FloatTag d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) store_bytes(make(hn::LoadU(d, values + i)), codes + i);
  if (i == n) return;
  HWY_ALIGN float padded[kMaxLanes] = {};
  HWY_ALIGN uint8_t rest[kMaxLanes];
  std::memcpy(padded, values + i, (n - i) * sizeof(float));
  store_bytes(make(hn::Load(d, padded)), rest);
  std::memcpy(codes + i, rest, n - i);
}

HWY_INLINE FloatLanes round_and_clip(FloatLanes x, FloatLanes lowest, FloatLanes highest) {
  return hn::Min(hn::Max(hn::Round(x), lowest), highest);
}

void RoundCodes(const float* values, size_t n, float scale, float lowest, float highest, uint8_t* codes) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const auto s = hn::Set(d, scale), low = hn::Set(d, lowest), high = hn::Set(d, highest);
  write_bytes(values, n, codes,
              [&](FloatLanes x) HWY_ATTR { return hn::ConvertTo(di, round_and_clip(hn::Div(x, s), low, high)); });
}

// As many blocks as a vector has lanes, transposed: element i of block l stands in lane l of row i.
class BlockGroup {
 public:
  explicit BlockGroup(size_t side)
      : side_(side), lanes_(hn::Lanes(FloatTag())), x_(side * lanes_), o_(side * lanes_, 1.0f) {}

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

// A grid of codes from `lowest` to `highest`.
struct SignedGrid {
  FloatLanes lowest, highest;

  // x in units of the scale, as the nearest code.
  HWY_INLINE FloatLanes nearest(FloatLanes x) const { return round_and_clip(x, lowest, highest); }
  HWY_INLINE FloatLanes value(FloatLanes code) const { return code; }
};

// The same around `zero`.
struct OffsetGrid {
  FloatLanes lowest, highest, zero;

  HWY_INLINE FloatLanes nearest(FloatLanes x) const { return round_and_clip(hn::Add(x, zero), lowest, highest); }
  HWY_INLINE FloatLanes value(FloatLanes code) const { return hn::Sub(code, zero); }
};

// The best scales so far: those whose codes explain most of the energy of x.
struct Best {
  FloatLanes gain, scale;
};

// Tries kCount scales at a time, so that the sums of one need not wait for those of another: 1 / (unit * factor(first +
// c)). Least squares make of the codes that x / scale rounds to the best scale for them.
template <bool kWeighted, int kCount, typename Factor, typename Grid>
HWY_INLINE void try_scales(const BlockGroup& group, FloatLanes unit, Factor factor, int first, const Grid& grid,
                           Best& best) {
  const FloatTag d;
  FloatLanes inverse[kCount], num[kCount], den[kCount];
  for (int c = 0; c < kCount; ++c) {
    inverse[c] = hn::Mul(unit, hn::Set(d, factor(first + c)));
    num[c] = den[c] = hn::Zero(d);
  }
  for (size_t i = 0; i < group.side(); ++i) {
    const auto x = group.x(i);
    for (int c = 0; c < kCount; ++c) {
      const auto q = grid.value(grid.nearest(hn::Mul(x, inverse[c])));
      const auto weighted = kWeighted ? hn::Mul(q, group.o(i)) : q;
      num[c] = hn::Add(num[c], hn::Mul(x, weighted));
      den[c] = hn::Add(den[c], hn::Mul(q, weighted));
    }
  }
  for (int c = 0; c < kCount; ++c) {
    const auto useful = hn::And(hn::Gt(num[c], hn::Zero(d)), hn::Gt(den[c], hn::Zero(d)));
    const auto scale = hn::IfThenElseZero(useful, hn::Div(num[c], hn::IfThenElse(useful, den[c], hn::Set(d, 1.0f))));
    const auto gain = hn::Mul(num[c], scale);
    const auto better = hn::Gt(gain, best.gain);
    best = {hn::IfThenElse(better, gain, best.gain), hn::IfThenElse(better, scale, best.scale)};
  }
}

// The squared error under a scale that is stored.
template <bool kWeighted, typename Grid>
HWY_INLINE FloatLanes error_of(const BlockGroup& group, FloatLanes scale, const Grid& grid) {
  const FloatTag d;
  auto sum = hn::Zero(d);
  for (size_t i = 0; i < group.side(); ++i) {
    const auto x = group.x(i);
    const auto q = grid.value(grid.nearest(hn::Div(x, scale)));
    const auto e = hn::Sub(x, hn::Mul(q, scale));
    sum = hn::Add(sum, kWeighted ? hn::Mul(hn::Mul(e, e), group.o(i)) : hn::Mul(e, e));
  }
  return sum;
}

// Each lane as it is stored, by `round`; a zero becomes scale 1.
template <typename Round>
HWY_INLINE FloatLanes stored_scales(FloatLanes scale, Round round, uint16_t* halves) {
  const FloatTag d;
  HWY_ALIGN float lanes[kMaxLanes];
  hn::Store(scale, d, lanes);
  for (size_t l = 0; l < hn::Lanes(d); ++l) {
    halves[l] = lanes[l] > 0 ? round(lanes[l]) : kUnitScale;
    lanes[l] = scale_value(halves[l]);
  }
  return hn::Load(d, lanes);
}

template <typename Grid>
HWY_INLINE void write_codes(const BlockGroup& group, FloatLanes scale, const Grid& grid, size_t first, size_t count,
                            uint8_t mask, std::span<uint8_t> codes) {
  const hn::RebindToSigned<FloatTag> di;
  HWY_ALIGN int32_t whole[kMaxLanes];
  for (size_t i = 0; i < group.side(); ++i) {
    const auto q = grid.nearest(hn::Div(group.x(i), scale));
    hn::Store(hn::ConvertTo(di, q), di, whole);
    for (size_t l = 0; l < count; ++l) codes[(first + l) * group.side() + i] = static_cast<uint8_t>(whole[l]) & mask;
  }
}

constexpr uint8_t kNibble = 0xf;

// Of 13 scales from max|w| / 6.6 to max|w| / 9.6.
struct Int4Search {
  static constexpr float kFirst = 6.6f, kStep = 0.25f, kPlain = 7, kLowest = -8, kHighest = 7;
  static constexpr int kCandidates = 13;
  static constexpr uint8_t kMask = kNibble;
  static uint16_t round(float scale) { return round_short_scale(scale); }
};

// Of 64 scales from max|w| / 64 to max|w| / 127: weights that stood on a coarser grid once, as those of a checkpoint
// made from 4-bit blocks, are nearly exact on one of them.
struct Int8Search {
  static constexpr float kFirst = 64, kStep = 1, kPlain = 127, kLowest = -127, kHighest = 127;
  static constexpr int kCandidates = 64;
  static constexpr uint8_t kMask = 0xff;
  static uint16_t round(float scale) { return round_scale(scale, 127); }
};

// The scale whose codes explain most, or plain rounding with max|w| / kPlain where the rounding of the scale itself
// makes that better.
template <typename Search, bool kWeighted>
void SearchSignedBlocks(const BlockTask& task) {
  constexpr int kAtOnce = 3, kCandidates = Search::kCandidates;
  const FloatTag d;
  const SignedGrid grid{hn::Set(d, Search::kLowest), hn::Set(d, Search::kHighest)};
  BlockGroup group(task.side);
  const size_t blocks = task.scales.size();
  for (size_t first = 0; first < blocks; first += group.lanes()) {
    const size_t count = std::min(group.lanes(), blocks - first);
    group.load(task, first, count);
    auto largest = hn::Zero(d);
    for (size_t i = 0; i < group.side(); ++i) largest = hn::Max(largest, hn::Abs(group.x(i)));
    const auto is_zero = hn::Eq(largest, hn::Zero(d));
    const auto unit = hn::Div(hn::Set(d, 1.0f), hn::IfThenElse(is_zero, hn::Set(d, 1.0f), largest));
    Best best{hn::Set(d, -1.0f), hn::Zero(d)};
    const auto factor = [](int c) HWY_ATTR { return Search::kFirst + Search::kStep * static_cast<float>(c); };
    for (int c = 0; c + kAtOnce <= kCandidates; c += kAtOnce) {
      try_scales<kWeighted, kAtOnce>(group, unit, factor, c, grid, best);
    }
    try_scales<kWeighted, kCandidates % kAtOnce>(group, unit, factor, kCandidates / kAtOnce * kAtOnce, grid, best);
    uint16_t searched[kMaxLanes], plain[kMaxLanes];
    const auto s = stored_scales(best.scale, Search::round, searched);
    const auto p = stored_scales(hn::Div(largest, hn::Set(d, Search::kPlain)), Search::round, plain);
    const auto plain_wins = hn::Lt(error_of<kWeighted>(group, p, grid), error_of<kWeighted>(group, s, grid));
    const auto chosen = hn::IfThenElse(plain_wins, p, s);
    HWY_ALIGN float lanes[kMaxLanes];
    hn::Store(chosen, d, lanes);
    for (size_t l = 0; l < count; ++l) {
      task.scales[first + l] = lanes[l] == scale_value(searched[l]) ? searched[l] : plain[l];
    }
    write_codes(group, chosen, grid, first, count, Search::kMask, task.codes);
  }
}

template <typename Search>
void search_signed(const BlockTask& task) {
  task.importance.empty() ? SearchSignedBlocks<Search, false>(task) : SearchSignedBlocks<Search, true>(task);
}

// For each of three offsets around that of the plain range, 8 scales from the plain one down.
template <bool kWeighted>
void SearchUint4Blocks(const BlockTask& task) {
  constexpr int kShrinks = 8, kAtOnce = 2;
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
    Best best{hn::Set(d, -1.0f), zero};
    auto offset = middle;
    const auto factor = [](int c) HWY_ATTR { return 1.0f + kShrink * static_cast<float>(c); };
    for (int z = -1; z <= 1; ++z) {
      const auto at = hn::Min(hn::Max(hn::Add(middle, hn::Set(d, static_cast<float>(z))), zero), top);
      const OffsetGrid grid{zero, top, at};
      const auto before = best.gain;
      for (int c = 0; c < kShrinks; c += kAtOnce) try_scales<kWeighted, kAtOnce>(group, unit, factor, c, grid, best);
      offset = hn::IfThenElse(hn::Gt(best.gain, before), at, offset);
    }
    uint16_t searched[kMaxLanes], plain[kMaxLanes];
    const auto round = [](float scale) { return round_scale(scale, 15); };
    const auto s = stored_scales(best.scale, round, searched);
    const auto p = stored_scales(hn::Div(range, top), round, plain);
    const auto plain_error = error_of<kWeighted>(group, p, OffsetGrid{zero, top, middle});
    const auto plain_wins = hn::Lt(plain_error, error_of<kWeighted>(group, s, OffsetGrid{zero, top, offset}));
    const auto chosen = hn::IfThenElse(plain_wins, p, s);
    const auto chosen_offset = hn::IfThenElse(plain_wins, middle, offset);
    HWY_ALIGN float lanes[kMaxLanes], offsets[kMaxLanes];
    hn::Store(chosen, d, lanes);
    hn::Store(chosen_offset, d, offsets);
    for (size_t l = 0; l < count; ++l) {
      task.scales[first + l] = lanes[l] == scale_value(searched[l]) ? searched[l] : plain[l];
      task.offsets[first + l] = static_cast<uint8_t>(offsets[l]);
    }
    write_codes(group, chosen, OffsetGrid{zero, top, chosen_offset}, first, count, kNibble, task.codes);
  }
}

void SearchInt4(const BlockTask& task) { search_signed<Int4Search>(task); }
void SearchInt8(const BlockTask& task) { search_signed<Int8Search>(task); }
void SearchUint4(const BlockTask& task) {
  task.importance.empty() ? SearchUint4Blocks<false>(task) : SearchUint4Blocks<true>(task);
}

void CountBelow(const float* values, size_t n, const float* thresholds, size_t count, uint8_t* codes) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  // A mask is -1 in the lanes where it holds.
  const auto more = [&](FloatLanes threshold, FloatLanes x, auto below) HWY_ATTR {
    return hn::Sub(below, hn::BitCast(di, hn::VecFromMask(d, hn::Lt(threshold, x))));
  };
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  // Two vectors share each threshold.
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto x0 = hn::LoadU(d, values + i), x1 = hn::LoadU(d, values + i + lanes);
    auto below0 = hn::Zero(di), below1 = hn::Zero(di);
    for (size_t t = 0; t < count; ++t) {
      const auto threshold = hn::Set(d, thresholds[t]);
      below0 = more(threshold, x0, below0);
      below1 = more(threshold, x1, below1);
    }
    store_bytes(below0, codes + i);
    store_bytes(below1, codes + i + lanes);
  }
  write_bytes(values + i, n - i, codes + i, [&](FloatLanes x) HWY_ATTR {
    auto below = hn::Zero(di);
    for (size_t t = 0; t < count; ++t) below = more(hn::Set(d, thresholds[t]), x, below);
    return below;
  });
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(MaxMagnitude);
HWY_EXPORT(IsAllFinite);
HWY_EXPORT(RoundCodes);
HWY_EXPORT(SearchInt4);
HWY_EXPORT(SearchInt8);
HWY_EXPORT(SearchUint4);
HWY_EXPORT(CountBelow);

float max_magnitude(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(MaxMagnitude)(values.data(), values.size());
}

bool is_all_finite(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(IsAllFinite)(values.data(), values.size());
}

void round_codes(std::span<const float> values, float scale, int lowest, int highest, std::span<uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(RoundCodes)
  (values.data(), values.size(), scale, static_cast<float>(lowest), static_cast<float>(highest), codes.data());
}

void search_int4(const BlockTask& task) { HWY_DYNAMIC_DISPATCH(SearchInt4)(task); }
void search_int8(const BlockTask& task) { HWY_DYNAMIC_DISPATCH(SearchInt8)(task); }
void search_uint4(const BlockTask& task) { HWY_DYNAMIC_DISPATCH(SearchUint4)(task); }

void count_below(std::span<const float> values, std::span<const float> thresholds, std::span<uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(CountBelow)(values.data(), values.size(), thresholds.data(), thresholds.size(), codes.data());
}

}  // namespace cortland
#endif
