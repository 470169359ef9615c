// A vector of words holds eight codes in each lane. With 8 added, by a flip of the highest bit, a code has four bits
// that stand for a whole number wherever they are in the word: what their place multiplies it by is taken from x
// beforehand, as is the sum of the eights.
#include "tensor/block_products.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/block_products.cc"
#include <hwy/aligned_allocator.h>
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/code_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Word = hn::RebindToUnsigned<Lanes>;
using Words = hn::Vec<Word>;
constexpr size_t kMaxLanes = 8;
constexpr size_t kCodes = 8;            // of a word
constexpr size_t kVectors = kCodes + 1;  // of x for a vector of words

// x in the order in which the codes of words come out, with zeros behind the end. For each vector of words: what
// codes k are multiplied by, times 16^-(k mod 4), for k from 0 to 7; then -8 times the sums of x for each word.
// REQUIRES: n is a multiple of 8.
hwy::AlignedFreeUniquePtr<float[]> arranged(const float* x, size_t n) {
  const Lanes df;
  const size_t lanes = hn::Lanes(df), turn = kCodes * lanes, turns = (n + turn - 1) / turn;
  auto result = hwy::AllocateAligned<float>(turns * kVectors * lanes);
  float* out = result.get();
  for (size_t first = 0; first < n; first += turn, out += kVectors * lanes) {
    HWY_ALIGN float padded[kCodes * kMaxLanes], fourths[kCodes * kMaxLanes];
    const float* from = x + first;
    if (n - first < turn) {
      std::fill_n(std::copy(from, x + n, padded), turn - (n - first), 0.0f);
      from = padded;
    }
    for (const size_t half : {size_t{0}, lanes}) {
      auto a = hn::Zero(df), b = a, c = a, d = a;
      hn::LoadInterleaved4(df, from + 4 * half, a, b, c, d);
      hn::Store(a, df, fourths + half);
      hn::Store(b, df, fourths + 2 * lanes + half);
      hn::Store(c, df, fourths + 4 * lanes + half);
      hn::Store(d, df, fourths + 6 * lanes + half);
    }
    auto sum = hn::Zero(df), place = hn::Set(df, 1.0f);
    for (size_t k = 0; k < 4; ++k) {
      auto low = hn::Zero(df), high = low;
      hn::LoadInterleaved2(df, fourths + k * 2 * lanes, low, high);
      sum = hn::Add(sum, hn::Add(low, high));
      hn::Store(hn::Mul(low, place), df, out + k * lanes);
      hn::Store(hn::Mul(high, place), df, out + (k + 4) * lanes);
      place = hn::Mul(place, hn::Set(df, 1.0f / 16));
    }
    hn::Store(hn::Mul(sum, hn::Set(df, -8.0f)), df, out + kCodes * lanes);
  }
  return result;
}

// For each lane of two vectors of words the sum of its codes times x, which is as arranged() has it. Rows in pairs: a
// vector of x is read once for both.
struct Pair {
  hn::Vec<Lanes> a, b;
};
HWY_INLINE Pair sums_of(Words a, Words b, const float* x) {
  const Lanes df;
  const Word du;
  const hn::RebindToSigned<Lanes> di;
  const size_t lanes = hn::Lanes(df);
  const auto flip = hn::Set(du, 0x88888888u);
  a = hn::Xor(a, flip);
  b = hn::Xor(b, flip);
  const auto eights = hn::Load(df, x + kCodes * lanes);
  Pair sums{eights, eights}, others{hn::Zero(df), hn::Zero(df)};  // that do not wait for each other
  const auto high_a = hn::ShiftRight<16>(a), high_b = hn::ShiftRight<16>(b);
  const auto numbers = [&](Words words, uint32_t place) HWY_ATTR {
    return hn::ConvertTo(df, hn::BitCast(di, hn::And(words, hn::Set(du, place))));
  };
  const auto add = [&](uint32_t place, const float* at) HWY_ATTR {
    const auto factor = hn::Load(df, at), other = hn::Load(df, at + 4 * lanes);
    sums.a = hn::MulAdd(numbers(a, place), factor, sums.a);
    sums.b = hn::MulAdd(numbers(b, place), factor, sums.b);
    others.a = hn::MulAdd(numbers(high_a, place), other, others.a);
    others.b = hn::MulAdd(numbers(high_b, place), other, others.b);
  };
  add(0xf, x), add(0xf0, x + lanes), add(0xf00, x + 2 * lanes), add(0xf000, x + 3 * lanes);
  return {hn::Add(sums.a, others.a), hn::Add(sums.b, others.b)};
}

void MultiplyBlocks(const uint8_t* bytes, const RowScales& rows, const float* x, size_t n, std::span<float> y) {
  constexpr size_t kAhead = 2048;  // bytes of codes that are fetched before they are needed
  const Lanes df;
  const Word du;
  const size_t lanes = hn::Lanes(df), turn = kCodes * lanes;
  const size_t blocks = n / rows.block, row_bytes = n / 2;
  const size_t turns_of_block = std::max<size_t>(rows.block / turn, 1);
  const size_t blocks_of_turn = std::max<size_t>(turn / rows.block, 1);
  const auto factors = arranged(x, n);
  HWY_ALIGN int32_t blocks_of_lanes[kMaxLanes];
  for (size_t l = 0; l < lanes; ++l) blocks_of_lanes[l] = static_cast<int32_t>(l * kCodes / rows.block);
  const auto block_of_lane = hn::IndicesFromVec(df, hn::Load(hn::RebindToSigned<Lanes>(), blocks_of_lanes));
  std::vector<float> last_scales(2 * blocks + lanes);
  for (size_t r = 0; r < y.size(); r += 2) {
    const size_t other = std::min(r + 1, y.size() - 1), end = (other + 1) * blocks;
    const float* scales = rows.scales.data() + r * blocks;
    // As many scales as there are lanes are read at once, behind the last row too.
    if (rows.scales.size() < end + lanes) {
      std::copy(scales, rows.scales.data() + end, last_scales.begin());
      scales = last_scales.data();
    }
    const float* other_scales = scales + (other - r) * blocks;
    const uint8_t *a = bytes + r * row_bytes, *b = bytes + other * row_bytes, *ahead = a + kAhead;
    const float* factor = factors.get();
    const auto sums_of_turn = [&](const uint8_t* from_a, const uint8_t* from_b) HWY_ATTR {
      const auto load = [&](const uint8_t* from) HWY_ATTR {
        return hn::LoadU(du, reinterpret_cast<const uint32_t*>(from));
      };
      const Pair sums = sums_of(load(from_a), load(from_b), factor);
      factor += kVectors * lanes;
      return sums;
    };
    Pair rows_sums{hn::Zero(df), hn::Zero(df)};
    const auto add_scaled = [&](const Pair& sums) HWY_ATTR {
      const auto of_lanes = [&](const float* from) HWY_ATTR {
        return hn::TableLookupLanes(hn::LoadU(df, from), block_of_lane);
      };
      rows_sums.a = hn::MulAdd(sums.a, of_lanes(scales), rows_sums.a);
      rows_sums.b = hn::MulAdd(sums.b, of_lanes(other_scales), rows_sums.b);
      scales += blocks_of_turn;
      other_scales += blocks_of_turn;
    };
    size_t left = n;
    const auto next_sums = [&]() HWY_ATTR {
      const Pair sums = sums_of_turn(a, b);
      hwy::Prefetch(ahead);
      a += turn / 2, b += turn / 2, ahead += turn, left -= turn;
      return sums;
    };
    while (left >= turn) {
      Pair sums = next_sums();
      for (size_t t = 1; t < turns_of_block; ++t) {
        const Pair more = next_sums();
        sums = {hn::Add(sums.a, more.a), hn::Add(sums.b, more.b)};
      }
      add_scaled(sums);
    }
    if (left > 0) {
      uint8_t rest_a[kCodes * kMaxLanes / 2] = {}, rest_b[kCodes * kMaxLanes / 2] = {};
      std::memcpy(rest_a, a, left / 2);
      std::memcpy(rest_b, b, left / 2);
      add_scaled(sums_of_turn(rest_a, rest_b));
    }
    y[r] = hn::GetLane(hn::SumOfLanes(df, rows_sums.a));
    y[other] = hn::GetLane(hn::SumOfLanes(df, rows_sums.b));
  }
}

// Whether all have at most 8 significant bits and are no larger than `most`. Magnitudes as integers, which compare
// alike, NaN above all: a loop that the compiler turns into vectors.
bool AreShort(const float* scales, size_t n, float most) {
  uint32_t bits = 0, largest = 0;
  for (size_t i = 0; i < n; ++i) {
    uint32_t word;
    std::memcpy(&word, scales + i, sizeof(word));
    bits |= word;
    largest = std::max(largest, word & 0x7fffffffu);
  }
  return (bits & 0xffffu) == 0 && largest <= std::bit_cast<uint32_t>(most);
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(MultiplyBlocks);
HWY_EXPORT(AreShort);

bool has_multipliable_blocks(const RowScales& rows) {
  constexpr float kMost = 8160;      // the largest number of 8 bits below 65536 / 8
  constexpr size_t kMostAtOnce = 64;  // codes that a vector of words holds, with any instruction set
  const bool fit = rows.block % kMostAtOnce == 0 || (rows.block >= 8 && kMostAtOnce % rows.block == 0);
  return fit && rows.offsets.empty() && HWY_DYNAMIC_DISPATCH(AreShort)(rows.scales.data(), rows.scales.size(), kMost);
}

void multiply_blocks(const Codes& codes, size_t first, const RowScales& rows, std::span<const float> x,
                     std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(MultiplyBlocks)(codes.byte_of(first), rows, x.data(), x.size(), y);
}

}  // namespace cortland
#endif  // HWY_ONCE
