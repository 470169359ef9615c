#include "tensor/codes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include "tensor/convert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/codes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most eight lanes: as many 4-bit codes as a word of 32 bits holds.
using Lanes = hn::CappedTag<float, 8>;
using LaneCodes = hn::Vec<hn::RebindToSigned<Lanes>>;

template <size_t kIndex>
using Part = std::integral_constant<size_t, kIndex>;

// Each reads codes i to i + lanes - 1 of a row; i is a multiple of the number of lanes.
struct SignedBytes {
  static constexpr size_t kCodesPerByte = 1;
  static HWY_INLINE LaneCodes load(const uint8_t* row, size_t i) {
    const hn::RebindToSigned<Lanes> di;
    return hn::PromoteTo(di, hn::LoadU(hn::Rebind<int8_t, Lanes>(), reinterpret_cast<const int8_t*>(row) + i));
  }
};
struct UnsignedBytes {
  static constexpr size_t kCodesPerByte = 1;
  static HWY_INLINE LaneCodes load(const uint8_t* row, size_t i) {
    return hn::PromoteTo(hn::RebindToSigned<Lanes>(), hn::LoadU(hn::Rebind<uint8_t, Lanes>(), row + i));
  }
};
// Each lane takes all the codes of a word, moves its own to the top and then to the bottom.
template <typename Lane>
struct NibblesOf {
  static constexpr size_t kCodesPerByte = 2;
  static HWY_INLINE LaneCodes load(const uint8_t* row, size_t i) {
    const hn::Rebind<Lane, Lanes> d;
    uint32_t word = 0;
    const size_t lanes = hn::Lanes(Lanes());
    std::memcpy(&word, row + i / 2, (lanes + 1) / 2);
    if (lanes == 1) word >>= i % 2 * 4;
    const auto shifts = hn::Sub(hn::Set(d, 28), hn::ShiftLeft<2>(hn::Iota(d, 0)));
    const auto top = hn::Shl(hn::Set(d, static_cast<Lane>(word)), shifts);
    return hn::BitCast(hn::RebindToSigned<Lanes>(), hn::ShiftRight<28>(top));
  }
};
using SignedNibbles = NibblesOf<int32_t>;
using UnsignedNibbles = NibblesOf<uint32_t>;

// Calls body(part, codes, index, count) for all vectors of a row; the last may have fewer than there are lanes. Parts 0
// to 3, known at compile time, take turns, so that four sums can grow side by side.
template <typename Reader, typename Body>
HWY_INLINE void for_each_vector(const uint8_t* row, size_t n, Body body) {
  const size_t lanes = hn::Lanes(Lanes());
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    body(Part<0>(), Reader::load(row, i), i, lanes);
    body(Part<1>(), Reader::load(row, i + lanes), i + lanes, lanes);
    body(Part<2>(), Reader::load(row, i + 2 * lanes), i + 2 * lanes, lanes);
    body(Part<3>(), Reader::load(row, i + 3 * lanes), i + 3 * lanes, lanes);
  }
  for (; i + lanes <= n; i += lanes) {
    body(Part<0>(), Reader::load(row, i), i, lanes);
  }
  if (i < n) {
    uint8_t rest[8] = {};
    std::memcpy(rest, row + i / Reader::kCodesPerByte, (n - i + Reader::kCodesPerByte - 1) / Reader::kCodesPerByte);
    body(Part<0>(), Reader::load(rest, 0), i, n - i);
  }
}

// What becomes of the numbers of a row: they are stored, or multiplied. Each gives `generate` a
// body(part, numbers, index, count).
template <typename Generate>
HWY_INLINE void store_numbers(float* out, Generate generate) {
  generate([&](auto, auto v, size_t i, size_t count) HWY_ATTR {
    if (count == hn::Lanes(Lanes())) {
      hn::StoreU(v, Lanes(), out + i);
    } else {
      float rest[8];
      hn::StoreU(v, Lanes(), rest);
      std::memcpy(out + i, rest, count * sizeof(float));
    }
  });
}

template <typename Generate>
HWY_INLINE float multiply_numbers(const float* x, Generate generate) {
  const Lanes df;
  auto a = hn::Zero(df), b = hn::Zero(df), c = hn::Zero(df), d = hn::Zero(df);
  generate([&](auto part, auto v, size_t i, size_t count) HWY_ATTR {
    if (count < hn::Lanes(df)) {
      float rest[8] = {};
      std::memcpy(rest, x + i, count * sizeof(float));
      // What lies behind the last code may be infinite.
      a = hn::MulAdd(hn::IfThenElseZero(hn::FirstN(df, count), v), hn::LoadU(df, rest), a);
    } else if constexpr (part == 0) {
      a = hn::MulAdd(v, hn::LoadU(df, x + i), a);
    } else if constexpr (part == 1) {
      b = hn::MulAdd(v, hn::LoadU(df, x + i), b);
    } else if constexpr (part == 2) {
      c = hn::MulAdd(v, hn::LoadU(df, x + i), c);
    } else {
      d = hn::MulAdd(v, hn::LoadU(df, x + i), d);
    }
  });
  return hn::GetLane(hn::SumOfLanes(df, hn::Add(hn::Add(a, b), hn::Add(c, d))));
}

// kHalf: rounded to fp16 by Veltkamp's splitting, which REQUIRES row.is_exact(): there are no more than 19 bits to
// round, and for as few it agrees with rounding to nearest, ties to even, in every case.
template <typename Reader, bool kHalf, typename Body>
HWY_INLINE void scale_row(const uint8_t* bytes, const RowScales& row, size_t n, Body body) {
  const Lanes df;
  const auto splitter = hn::Set(df, 8193.0f);  // 2^13 + 1: fp16 has 13 bits fewer
  for (size_t block = 0, first = 0; first < n; ++block, first += row.block) {
    const float scale = row.scales[block], offset = row.offsets.empty() ? 0.0f : row.offsets[block];
    const auto factor = hn::Set(df, scale), shift = hn::Set(df, kHalf ? -offset * scale : offset);
    for_each_vector<Reader>(bytes + first / Reader::kCodesPerByte, std::min(row.block, n - first),
                            [&](auto part, auto codes, size_t i, size_t count) HWY_ATTR {
                              const auto code = hn::ConvertTo(df, codes);
                              if constexpr (kHalf) {
                                const auto v = hn::MulAdd(code, factor, shift);  // exact
                                const auto split = hn::Mul(v, splitter);
                                body(part, hn::Sub(split, hn::Sub(split, v)), first + i, count);
                              } else {
                                body(part, hn::Mul(hn::Sub(code, shift), factor), first + i, count);
                              }
                            });
  }
}

// Entry `code` of a table of sixteen, which lies in two vectors. REQUIRES: eight lanes.
HWY_INLINE hn::Vec<Lanes> entry_of(hn::Vec<Lanes> low, hn::Vec<Lanes> high, LaneCodes code) {
  const Lanes df;
  const auto seven = hn::Set(hn::RebindToSigned<Lanes>(), 7);
  const auto index = hn::IndicesFromVec(df, hn::And(code, seven));
  return hn::IfThenElse(hn::RebindMask(df, hn::Gt(code, seven)), hn::TableLookupLanes(high, index),
                        hn::TableLookupLanes(low, index));
}

template <typename Reader, typename Body>
HWY_INLINE void look_up(const uint8_t* bytes, const float* table, size_t n, Body body) {
  const Lanes df;
  if constexpr (std::is_same_v<Reader, UnsignedNibbles>) {
    if (hn::Lanes(df) == 8) {
      const auto low = hn::LoadU(df, table), high = hn::LoadU(df, table + 8);
      return for_each_vector<Reader>(bytes, n, [&](auto part, auto codes, size_t i, size_t count) HWY_ATTR {
        body(part, entry_of(low, high, codes), i, count);
      });
    }
  }
  for_each_vector<Reader>(bytes, n, [&](auto part, auto codes, size_t i, size_t count) HWY_ATTR {
    body(part, hn::GatherIndex(df, table, codes), i, count);
  });
}

template <bool kHalf, typename Body>
HWY_INLINE void scale_row(DType dtype, const uint8_t* bytes, const RowScales& row, size_t n, Body body) {
  switch (dtype) {
    case DType::i8:
      return scale_row<SignedBytes, kHalf>(bytes, row, n, body);
    case DType::u8:
      return scale_row<UnsignedBytes, kHalf>(bytes, row, n, body);
    case DType::i4:
      return scale_row<SignedNibbles, kHalf>(bytes, row, n, body);
    default:
      return scale_row<UnsignedNibbles, kHalf>(bytes, row, n, body);
  }
}

void ScaleCodes(DType dtype, const uint8_t* bytes, const RowScales& row, float* out, size_t n) {
  store_numbers(out, [&](auto body) HWY_ATTR { scale_row<false>(dtype, bytes, row, n, body); });
}
void ScaleCodesToHalf(DType dtype, const uint8_t* bytes, const RowScales& row, float* out, size_t n) {
  store_numbers(out, [&](auto body) HWY_ATTR { scale_row<true>(dtype, bytes, row, n, body); });
}
float MultiplyScaledCodes(DType dtype, const uint8_t* bytes, const RowScales& row, const float* x, size_t n) {
  return multiply_numbers(x, [&](auto body) HWY_ATTR { scale_row<true>(dtype, bytes, row, n, body); });
}

template <typename Use>
HWY_INLINE auto with_entries(bool is_nibbles, const uint8_t* bytes, const float* table, size_t n, Use use) {
  if (is_nibbles) {
    return use([&](auto body) HWY_ATTR { look_up<UnsignedNibbles>(bytes, table, n, body); });
  }
  return use([&](auto body) HWY_ATTR { look_up<UnsignedBytes>(bytes, table, n, body); });
}

void LookUpCodes(bool is_nibbles, const uint8_t* bytes, const float* table, float* out, size_t n) {
  with_entries(is_nibbles, bytes, table, n, [&](auto generate) HWY_ATTR { store_numbers(out, generate); });
}

float MultiplyEntries(bool is_nibbles, const uint8_t* bytes, const float* table, const float* x, size_t n) {
  return with_entries(is_nibbles, bytes, table, n,
                      [&](auto generate) HWY_ATTR { return multiply_numbers(x, generate); });
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(ScaleCodes);
HWY_EXPORT(ScaleCodesToHalf);
HWY_EXPORT(MultiplyScaledCodes);
HWY_EXPORT(LookUpCodes);
HWY_EXPORT(MultiplyEntries);

namespace {

// A byte for each code; `bytes` begin with the first.
void unpack(const uint8_t* bytes, int bits, std::span<uint8_t> out) {
  uint32_t window = 0;
  int filled = 0;
  for (uint8_t& code : out) {
    if (filled < bits) {
      window |= static_cast<uint32_t>(*bytes++) << filled;
      filled += 8;
    }
    code = static_cast<uint8_t>(window & ((1u << bits) - 1));
    window >>= bits;
    filled -= bits;
  }
}

const uint8_t* byte_of(const Codes& codes, size_t first) {
  return codes.bytes + first * static_cast<size_t>(bits_of(codes.dtype)) / 8;
}

// Calls use(is_nibbles, bytes, i, n) for codes first + i to first + i + n - 1, which lie in nibbles or in bytes there.
template <typename Use>
void for_each_run(const Codes& codes, size_t first, size_t count, Use use) {
  const int bits = bits_of(codes.dtype);
  const uint8_t* bytes = byte_of(codes, first);
  if (bits == 4 || bits == 8) {
    return use(bits == 4, bytes, size_t{0}, count);
  }
  std::array<uint8_t, 512> unpacked{};  // a multiple of 8, so that each part begins a byte
  for (size_t i = 0; i < count; i += unpacked.size()) {
    const size_t n = std::min(count - i, unpacked.size());
    unpack(bytes + i * static_cast<size_t>(bits) / 8, bits, std::span(unpacked).first(n));
    use(false, unpacked.data(), i, n);
  }
}

}  // namespace

bool is_scalable(DType dtype) {
  return dtype == DType::i8 || dtype == DType::u8 || dtype == DType::i4 || dtype == DType::u4;
}

bool RowScales::is_exact() const {
  // Magnitudes as integers, which compare alike, NaN above all: a loop without branches, as this is done for every row.
  constexpr auto kLeast = std::bit_cast<int32_t>(0x1p-14f);
  constexpr auto kMost = std::bit_cast<int32_t>(128.0f);  // (255 + 255) times that is still below the end of fp16
  int32_t least = kLeast, most = 0;
  for (const float scale : scales) {
    const int32_t magnitude = std::bit_cast<int32_t>(scale) & 0x7fffffff;
    least = std::min(least, magnitude == 0 ? kLeast : magnitude);
    most = std::max(most, magnitude);
  }
  return least == kLeast && most <= kMost &&
         std::all_of(offsets.begin(), offsets.end(), [](float z) { return std::abs(z) <= 255 && z == std::trunc(z); });
}

void scale_codes(const Codes& codes, size_t first, const RowScales& row, bool to_half, std::span<float> out) {
  const uint8_t* bytes = byte_of(codes, first);
  if (to_half && row.is_exact()) {
    HWY_DYNAMIC_DISPATCH(ScaleCodesToHalf)(codes.dtype, bytes, row, out.data(), out.size());
    return;
  }
  HWY_DYNAMIC_DISPATCH(ScaleCodes)(codes.dtype, bytes, row, out.data(), out.size());
  if (to_half) {
    round_to_half(out);
  }
}

float multiply_scaled_codes(const Codes& codes, size_t first, const RowScales& row, bool to_half,
                            std::span<const float> x) {
  if (to_half && row.is_exact()) {
    return HWY_DYNAMIC_DISPATCH(MultiplyScaledCodes)(codes.dtype, byte_of(codes, first), row, x.data(), x.size());
  }
  std::vector<float> numbers(x.size());
  scale_codes(codes, first, row, to_half, numbers);
  return dot(DType::f32, std::as_bytes(std::span(numbers)).data(), x.data(), x.size());
}

void look_up_codes(const Codes& codes, size_t first, std::span<const float> table, std::span<float> out) {
  for_each_run(codes, first, out.size(), [&](bool is_nibbles, const uint8_t* bytes, size_t i, size_t n) {
    HWY_DYNAMIC_DISPATCH(LookUpCodes)(is_nibbles, bytes, table.data(), out.data() + i, n);
  });
}

float multiply_entries(const Codes& codes, size_t first, std::span<const float> table, std::span<const float> x) {
  float sum = 0;
  for_each_run(codes, first, x.size(), [&](bool is_nibbles, const uint8_t* bytes, size_t i, size_t n) {
    sum += HWY_DYNAMIC_DISPATCH(MultiplyEntries)(is_nibbles, bytes, table.data(), x.data() + i, n);
  });
  return sum;
}

}  // namespace cortland
#endif  // HWY_ONCE
