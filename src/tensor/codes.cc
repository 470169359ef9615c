#include "tensor/codes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/codes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/half_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most eight lanes: as many 4-bit codes as a word of 32 bits holds.
using Lanes = hn::CappedTag<float, 8>;
using LaneCodes = hn::Vec<hn::RebindToSigned<Lanes>>;

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
struct UnsignedNibbles {
  static constexpr size_t kCodesPerByte = 2;
  static HWY_INLINE LaneCodes load(const uint8_t* row, size_t i) {
    const hn::RebindToUnsigned<Lanes> du;
    uint32_t word = 0;
    const size_t lanes = hn::Lanes(Lanes());
    std::memcpy(&word, row + i / 2, (lanes + 1) / 2);
    if (lanes == 1) word >>= i % 2 * 4;
    const auto shifts = hn::ShiftLeft<2>(hn::Iota(du, 0));
    return hn::BitCast(hn::RebindToSigned<Lanes>(), hn::And(hn::Shr(hn::Set(du, word), shifts), hn::Set(du, 0xf)));
  }
};
struct SignedNibbles {
  static constexpr size_t kCodesPerByte = 2;
  static HWY_INLINE LaneCodes load(const uint8_t* row, size_t i) {
    const auto eight = hn::Set(hn::RebindToSigned<Lanes>(), 8);
    return hn::Sub(hn::Xor(UnsignedNibbles::load(row, i), eight), eight);
  }
};

// Calls body(codes, index, count) for all vectors of a row; the last may have fewer than there are lanes.
template <typename Reader, typename Body>
HWY_INLINE void for_each_vector(const uint8_t* row, size_t n, Body body) {
  const size_t lanes = hn::Lanes(Lanes());
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(Reader::load(row, i), i, lanes);
  if (i < n) {
    uint8_t rest[8] = {};
    std::memcpy(rest, row + i / Reader::kCodesPerByte, (n - i + Reader::kCodesPerByte - 1) / Reader::kCodesPerByte);
    body(Reader::load(rest, 0), i, n - i);
  }
}

HWY_INLINE void store_lanes(hn::Vec<Lanes> v, size_t count, float* out) {
  if (count == hn::Lanes(Lanes())) {
    hn::StoreU(v, Lanes(), out);
  } else {
    float rest[8];
    hn::StoreU(v, Lanes(), rest);
    std::memcpy(out, rest, count * sizeof(float));
  }
}

template <typename Reader, bool kOffset, bool kHalf>
void ScaleBlocks(const uint8_t* bytes, const RowScales& row, float* out, size_t n) {
  const Lanes df;
  for (size_t block = 0, first = 0; first < n; ++block, first += row.block) {
    const auto scale = hn::Set(df, row.scales[block]), offset = hn::Set(df, kOffset ? row.offsets[block] : 0.0f);
    for_each_vector<Reader>(bytes + first / Reader::kCodesPerByte, std::min(row.block, n - first),
                            [&](auto codes, size_t i, size_t count) HWY_ATTR {
                              auto v = hn::ConvertTo(df, codes);
                              if (kOffset) v = hn::Sub(v, offset);
                              v = hn::Mul(v, scale);
                              if (kHalf) v = round_lanes_to_half(df, v);
                              store_lanes(v, count, out + first + i);
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

// The numbers of the sixteen codes first, which are fewer than those of a block. REQUIRES: eight lanes.
template <bool kSigned, bool kOffset, bool kHalf>
void ScaleNibbleBlocks(const uint8_t* bytes, const RowScales& row, float* out, size_t n) {
  const Lanes df;
  for (size_t block = 0, first = 0; first < n; ++block, first += row.block) {
    const auto scale = hn::Set(df, row.scales[block]), offset = hn::Set(df, kOffset ? row.offsets[block] : 0.0f);
    const auto number_of = [&](auto code) HWY_ATTR {
      const auto v = hn::Mul(kOffset ? hn::Sub(code, offset) : code, scale);
      return kHalf ? round_lanes_to_half(df, v) : v;
    };
    const auto low = number_of(hn::Iota(df, 0.0f)), high = number_of(hn::Iota(df, kSigned ? -8.0f : 8.0f));
    for_each_vector<UnsignedNibbles>(bytes + first / 2, std::min(row.block, n - first),
                                     [&](auto codes, size_t i, size_t count)
                                         HWY_ATTR { store_lanes(entry_of(low, high, codes), count, out + first + i); });
  }
}

template <typename Reader, bool kOffset, bool kHalf>
void ScaleRow(const uint8_t* bytes, const RowScales& row, float* out, size_t n) {
  if (Reader::kCodesPerByte == 2 && hn::Lanes(Lanes()) == 8) {
    return ScaleNibbleBlocks<std::is_same_v<Reader, SignedNibbles>, kOffset, kHalf>(bytes, row, out, n);
  }
  ScaleBlocks<Reader, kOffset, kHalf>(bytes, row, out, n);
}

template <typename Reader>
void Scale(const uint8_t* bytes, const RowScales& row, bool to_half, float* out, size_t n) {
  if (row.offsets.empty()) {
    return to_half ? ScaleRow<Reader, false, true>(bytes, row, out, n)
                   : ScaleRow<Reader, false, false>(bytes, row, out, n);
  }
  return to_half ? ScaleRow<Reader, true, true>(bytes, row, out, n) : ScaleRow<Reader, true, false>(bytes, row, out, n);
}

void ScaleCodes(DType dtype, const uint8_t* bytes, const RowScales& row, bool to_half, float* out, size_t n) {
  switch (dtype) {
    case DType::i8: return Scale<SignedBytes>(bytes, row, to_half, out, n);
    case DType::u8: return Scale<UnsignedBytes>(bytes, row, to_half, out, n);
    case DType::i4: return Scale<SignedNibbles>(bytes, row, to_half, out, n);
    default: return Scale<UnsignedNibbles>(bytes, row, to_half, out, n);
  }
}

template <typename Reader>
void Gather(const uint8_t* bytes, const float* table, float* out, size_t n) {
  for_each_vector<Reader>(bytes, n, [&](auto codes, size_t i, size_t count) HWY_ATTR {
    store_lanes(hn::GatherIndex(Lanes(), table, codes), count, out + i);
  });
}

void LookUpNibbles(const uint8_t* bytes, const float* table, float* out, size_t n) {
  const Lanes df;
  if (hn::Lanes(df) < 8) return Gather<UnsignedNibbles>(bytes, table, out, n);
  const auto low = hn::LoadU(df, table), high = hn::LoadU(df, table + 8);
  for_each_vector<UnsignedNibbles>(bytes, n, [&](auto codes, size_t i, size_t count) HWY_ATTR {
    store_lanes(entry_of(low, high, codes), count, out + i);
  });
}

void LookUpBytes(const uint8_t* bytes, const float* table, float* out, size_t n) {
  Gather<UnsignedBytes>(bytes, table, out, n);
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(ScaleCodes);
HWY_EXPORT(LookUpNibbles);
HWY_EXPORT(LookUpBytes);

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

}  // namespace

bool is_scalable(DType dtype) {
  return dtype == DType::i8 || dtype == DType::u8 || dtype == DType::i4 || dtype == DType::u4;
}

void scale_codes(const Codes& codes, size_t first, const RowScales& row, bool to_half, std::span<float> out) {
  const uint8_t* bytes = codes.bytes + first * static_cast<size_t>(bits_of(codes.dtype)) / 8;
  HWY_DYNAMIC_DISPATCH(ScaleCodes)(codes.dtype, bytes, row, to_half, out.data(), out.size());
}

void look_up_codes(const Codes& codes, size_t first, std::span<const float> table, std::span<float> out) {
  const int bits = bits_of(codes.dtype);
  const uint8_t* bytes = codes.bytes + first * static_cast<size_t>(bits) / 8;
  if (bits == 4) return HWY_DYNAMIC_DISPATCH(LookUpNibbles)(bytes, table.data(), out.data(), out.size());
  if (bits == 8) return HWY_DYNAMIC_DISPATCH(LookUpBytes)(bytes, table.data(), out.data(), out.size());
  std::array<uint8_t, 512> unpacked{};  // a multiple of 8, so that each part begins a byte
  while (!out.empty()) {
    const size_t n = std::min(out.size(), unpacked.size());
    unpack(bytes, bits, std::span(unpacked).first(n));
    HWY_DYNAMIC_DISPATCH(LookUpBytes)(unpacked.data(), table.data(), out.data(), n);
    bytes += unpacked.size() * static_cast<size_t>(bits) / 8;
    out = out.subspan(n);
  }
}

}  // namespace cortland
#endif  // HWY_ONCE
