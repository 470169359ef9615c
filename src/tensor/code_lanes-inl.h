// Vectors of codes and the numbers that they stand for, for files that Highway compiles once per instruction set: it
// includes this as often.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#if defined(CORTLAND_TENSOR_CODE_LANES) == defined(HWY_TARGET_TOGGLE)
#ifdef CORTLAND_TENSOR_CODE_LANES
#undef CORTLAND_TENSOR_CODE_LANES
#else
#define CORTLAND_TENSOR_CODE_LANES
#endif

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

// The entries of a table of sixteen: in two vectors where there are eight lanes.
class Table16 {
 public:
  HWY_INLINE explicit Table16(const float* table) : table_(table) {}
  HWY_INLINE hn::Vec<Lanes> at(LaneCodes code) const {
    const Lanes df;
    if (hn::Lanes(df) < 8) return hn::GatherIndex(df, table_, code);
    const auto seven = hn::Set(hn::RebindToSigned<Lanes>(), 7);
    const auto index = hn::IndicesFromVec(df, hn::And(code, seven));
    return hn::IfThenElse(hn::RebindMask(df, hn::Gt(code, seven)),
                          hn::TableLookupLanes(hn::LoadU(df, table_ + 8), index),
                          hn::TableLookupLanes(hn::LoadU(df, table_), index));
  }

 private:
  const float* table_;
};

// scale (code - offset) in fp16, by Veltkamp's splitting. `bias` is -offset scale. REQUIRES: RowScales::is_exact():
// there are no more than 19 bits to round, and for as few it agrees with rounding to nearest, ties to even, in every
// case.
HWY_INLINE hn::Vec<Lanes> scaled_half(LaneCodes codes, hn::Vec<Lanes> scale, hn::Vec<Lanes> bias) {
  const Lanes df;
  const auto v = hn::MulAdd(hn::ConvertTo(df, codes), scale, bias);  // exact
  const auto split = hn::Mul(v, hn::Set(df, 8193.0f));                // 2^13 + 1: fp16 has 13 bits fewer
  return hn::Sub(split, hn::Sub(split, v));
}

}  // namespace cortland::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
