#include "tensor/code_products.h"

#include <vector>

#include "tensor/block_products.h"
#include "tensor/convert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/code_products.cc"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/code_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cortland::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kAhead = 2048;  // bytes of codes that are fetched before they are needed

// Adds the products of x with the vectors that make(codes) gives: four sums, which grow side by side.
// REQUIRES: n is a multiple of 32.
template <typename Reader, typename Make>
HWY_INLINE void add_products(const uint8_t* bytes, const float* x, size_t n, Make make, hn::Vec<Lanes>& a,
                             hn::Vec<Lanes>& b, hn::Vec<Lanes>& c, hn::Vec<Lanes>& d) {
  const Lanes df;
  const size_t lanes = hn::Lanes(df);
  for (size_t i = 0; i < n; i += 4 * lanes) {
    const size_t j = i + lanes, k = j + lanes, l = k + lanes;
    hwy::Prefetch(bytes + i / Reader::kCodesPerByte + kAhead);
    a = hn::MulAdd(make(Reader::load(bytes, i)), hn::LoadU(df, x + i), a);
    b = hn::MulAdd(make(Reader::load(bytes, j)), hn::LoadU(df, x + j), b);
    c = hn::MulAdd(make(Reader::load(bytes, k)), hn::LoadU(df, x + k), c);
    d = hn::MulAdd(make(Reader::load(bytes, l)), hn::LoadU(df, x + l), d);
  }
}

HWY_INLINE float sum_of(hn::Vec<Lanes> a, hn::Vec<Lanes> b, hn::Vec<Lanes> c, hn::Vec<Lanes> d) {
  return hn::GetLane(hn::SumOfLanes(Lanes(), hn::Add(hn::Add(a, b), hn::Add(c, d))));
}

template <typename Reader>
void MultiplyRows(const uint8_t* bytes, const RowScales& rows, const float* x, size_t n, std::span<float> y) {
  const Lanes df;
  const float* scale = rows.scales.data();
  const float* offset = rows.offsets.empty() ? nullptr : rows.offsets.data();
  for (float& sum : y) {
    auto a = hn::Zero(df), b = a, c = a, d = a;
    for (size_t first = 0; first < n; first += rows.block, ++scale) {
      const auto factor = hn::Set(df, *scale), bias = hn::Set(df, offset == nullptr ? 0.0f : -*scale * *offset++);
      add_products<Reader>(
          bytes, x + first, rows.block, [&](auto codes) HWY_ATTR { return scaled_half(codes, factor, bias); }, a, b, c,
          d);
      bytes += rows.block / Reader::kCodesPerByte;
    }
    sum = sum_of(a, b, c, d);
  }
}

void MultiplyScaledCodes(DType dtype, const uint8_t* bytes, const RowScales& rows, const float* x, size_t n,
                         std::span<float> y) {
  switch (dtype) {
    case DType::i8: return MultiplyRows<SignedBytes>(bytes, rows, x, n, y);
    case DType::u8: return MultiplyRows<UnsignedBytes>(bytes, rows, x, n, y);
    case DType::i4: return MultiplyRows<SignedNibbles>(bytes, rows, x, n, y);
    default: return MultiplyRows<UnsignedNibbles>(bytes, rows, x, n, y);
  }
}

float MultiplyNibbleEntries(const uint8_t* bytes, const float* table, const float* x, size_t n) {
  const Lanes df;
  const Table16 entries(table);
  auto a = hn::Zero(df), b = a, c = a, d = a;
  add_products<UnsignedNibbles>(bytes, x, n, [&](auto codes) HWY_ATTR { return entries.at(codes); }, a, b, c, d);
  return sum_of(a, b, c, d);
}

float MultiplyByteEntries(const uint8_t* bytes, const float* table, const float* x, size_t n) {
  const Lanes df;
  auto a = hn::Zero(df), b = a, c = a, d = a;
  add_products<UnsignedBytes>(
      bytes, x, n, [&](auto codes) HWY_ATTR { return hn::GatherIndex(df, table, codes); }, a, b, c, d);
  return sum_of(a, b, c, d);
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cortland {

HWY_EXPORT(MultiplyScaledCodes);
HWY_EXPORT(MultiplyNibbleEntries);
HWY_EXPORT(MultiplyByteEntries);

namespace {

constexpr size_t kAtOnce = 32;  // what the loops above take in one turn

float product(std::span<const float> a, std::span<const float> b) {
  return dot(DType::f32, std::as_bytes(a).data(), b.data(), b.size());
}

}  // namespace

void multiply_scaled_codes(const Codes& codes, size_t first, const RowScales& rows, bool to_half,
                           std::span<const float> x, std::span<float> y) {
  if (to_half && codes.dtype == DType::i4 && has_multipliable_blocks(rows)) {
    multiply_blocks(codes, first, rows, x, y);
    return;
  }
  if (to_half && rows.block % kAtOnce == 0 && rows.is_exact()) {
    HWY_DYNAMIC_DISPATCH(MultiplyScaledCodes)(codes.dtype, codes.byte_of(first), rows, x.data(), x.size(), y);
    return;
  }
  const size_t blocks = x.size() / rows.block;
  std::vector<float> numbers(x.size());
  for (size_t r = 0; r < y.size(); ++r) {
    const auto of_row = [&](std::span<const float> all) { return all.empty() ? all : all.subspan(r * blocks, blocks); };
    scale_codes(codes, first + r * x.size(), {of_row(rows.scales), of_row(rows.offsets), rows.block}, to_half, numbers);
    y[r] = product(numbers, x);
  }
}

float multiply_entries(const Codes& codes, size_t first, std::span<const float> table, std::span<const float> x) {
  const int bits = bits_of(codes.dtype);
  if (x.size() % kAtOnce == 0 && bits == 4) {
    return HWY_DYNAMIC_DISPATCH(MultiplyNibbleEntries)(codes.byte_of(first), table.data(), x.data(), x.size());
  }
  if (x.size() % kAtOnce == 0 && bits == 8) {
    return HWY_DYNAMIC_DISPATCH(MultiplyByteEntries)(codes.byte_of(first), table.data(), x.data(), x.size());
  }
  std::vector<float> numbers(x.size());
  look_up_codes(codes, first, table, numbers);
  return product(numbers, x);
}

}  // namespace cortland
#endif  // HWY_ONCE
