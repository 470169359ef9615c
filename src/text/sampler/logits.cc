#include "text/sampler/logits.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

namespace cortland::text {

using portable::Failure;
namespace {

// NaN is not, either.
bool is_below_infinity(float value) { return value <= std::numeric_limits<float>::max(); }

struct Half {
  using Stored = uint16_t;
  static float widen(Stored bits) { return to_fp32(bits); }
};

struct Single {
  using Stored = float;
  static float widen(Stored value) { return value; }
};

// Returns whether every one is below infinity. `stride` is a type where it is known, for the sake of speed.
template <typename Type, typename Stride>
bool widen_all(const char* data, Stride stride, std::vector<float>& scores) {
  size_t bad = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    typename Type::Stored stored;
    std::memcpy(&stored, data + i * stride * sizeof(stored), sizeof(stored));
    scores[i] = Type::widen(stored);
    bad += is_below_infinity(scores[i]) ? 0 : 1;
  }
  return bad == 0;
}

template <typename Type>
bool widen_all(const Logits& logits, std::vector<float>& scores) {
  const char* data = static_cast<const char*>(logits.data);
  if (logits.stride == 1) return widen_all<Type>(data, std::integral_constant<size_t, 1>(), scores);
  return widen_all<Type>(data, static_cast<size_t>(logits.stride), scores);
}

}  // namespace

float to_fp32(uint16_t half) {
  constexpr uint32_t kRebias = 112u << 23;  // the exponent of 1 is 127 in fp32 and 15 in fp16
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = half & 0x7C00u;
  uint32_t bits = (static_cast<uint32_t>(half & 0x7FFF) << 13) + kRebias;
  if (exponent == 0x7C00) bits += kRebias;  // infinity and NaN
  // A subnormal number is built as 2^-14 + mantissa, so that no subnormal fp32 occurs: a processor may flush those to 0.
  if (exponent == 0) bits = std::bit_cast<uint32_t>(std::bit_cast<float>(bits + (1u << 23)) - 0x1p-14f);
  return std::bit_cast<float>(bits | sign);
}

std::optional<Failure> read_logits(const Logits& logits, std::vector<float>& scores) {
  if (logits.data == nullptr || logits.count < 1 || logits.stride < 1) {
    return Failure{"logits: not a view of numbers; got " + std::to_string(logits.count) + " with stride " +
                   std::to_string(logits.stride) + (logits.data == nullptr ? " at no address" : "") +
                   ", want at least 1 with stride 1 or more"};
  }
  scores.resize(static_cast<size_t>(logits.count));
  const bool good = logits.type == LogitType::fp16 ? widen_all<Half>(logits, scores) : widen_all<Single>(logits, scores);
  if (good) return std::nullopt;
  const auto bad = std::find_if_not(scores.begin(), scores.end(), is_below_infinity);
  return Failure{"logits: the model gave no number for token " + std::to_string(bad - scores.begin()) + "; got " +
                 (std::isnan(*bad) ? "NaN" : "+infinity") + ", want a finite number or -infinity"};
}

}  // namespace cortland::text
