#include "tensor/codes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "tensor/convert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/codes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/code_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Stores the vectors that make(codes) gives for a row; the last may have fewer numbers than there are lanes.
template <typename Reader, typename Make>
HWY_INLINE void store_numbers(const uint8_t* bytes, size_t n, float* out, Make make) {
  const Lanes df;
  const size_t lanes = hn::Lanes(df);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(make(Reader::load(bytes, i)), df, out + i);
  if (i < n) {
    uint8_t codes[8] = {};
    float rest[8];
    std::memcpy(codes, bytes + i / Reader::kCodesPerByte, (n - i + Reader::kCodesPerByte - 1) / Reader::kCodesPerByte);
    hn::StoreU(make(Reader::load(codes, 0)), df, rest);
    std::memcpy(out + i, rest, (n - i) * sizeof(float));
  }
}

template <typename Reader>
void ScaleRow(const uint8_t* bytes, const RowScales& row, bool to_half, float* out, size_t n) {
  const Lanes df;
  for (size_t block = 0, first = 0; first < n; ++block, first += row.block) {
    const float scale = row.scales[block], offset = row.offsets.empty() ? 0.0f : row.offsets[block];
    const auto factor = hn::Set(df, scale), shift = hn::Set(df, offset), bias = hn::Set(df, -offset * scale);
    const uint8_t* codes_of_block = bytes + first / Reader::kCodesPerByte;
    const size_t count = std::min(row.block, n - first);
    if (to_half) {
      store_numbers<Reader>(codes_of_block, count, out + first,
                            [&](auto codes) HWY_ATTR { return scaled_half(codes, factor, bias); });
    } else {
      store_numbers<Reader>(codes_of_block, count, out + first, [&](auto codes) HWY_ATTR {
        return hn::Mul(hn::Sub(hn::ConvertTo(df, codes), shift), factor);
      });
    }
  }
}

void ScaleCodes(DType dtype, const uint8_t* bytes, const RowScales& row, bool to_half, float* out, size_t n) {
  switch (dtype) {
    case DType::i8: return ScaleRow<SignedBytes>(bytes, row, to_half, out, n);
    case DType::u8: return ScaleRow<UnsignedBytes>(bytes, row, to_half, out, n);
    case DType::i4: return ScaleRow<SignedNibbles>(bytes, row, to_half, out, n);
    default: return ScaleRow<UnsignedNibbles>(bytes, row, to_half, out, n);
  }
}

void LookUpNibbles(const uint8_t* bytes, const float* table, float* out, size_t n) {
  const Table16 entries(table);
  store_numbers<UnsignedNibbles>(bytes, n, out, [&](auto codes) HWY_ATTR { return entries.at(codes); });
}

void LookUpBytes(const uint8_t* bytes, const float* table, float* out, size_t n) {
  store_numbers<UnsignedBytes>(bytes, n, out,
                               [&](auto codes) HWY_ATTR { return hn::GatherIndex(Lanes(), table, codes); });
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
  const bool is_exact = to_half && row.is_exact();
  HWY_DYNAMIC_DISPATCH(ScaleCodes)(codes.dtype, codes.byte_of(first), row, is_exact, out.data(), out.size());
  if (to_half && !is_exact) round_to_half(out);
}

void look_up_codes(const Codes& codes, size_t first, std::span<const float> table, std::span<float> out) {
  const int bits = bits_of(codes.dtype);
  const uint8_t* bytes = codes.byte_of(first);
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
