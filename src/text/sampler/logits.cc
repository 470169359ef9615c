#include "text/sampler/logits.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "portable/half.h"

namespace cortland::text {

using portable::Failure;
namespace {

// NaN is not, either.
bool is_below_infinity(float value) { return value <= std::numeric_limits<float>::max(); }

struct Half {
  using Stored = uint16_t;
  static float widen(Stored bits) { return portable::half_to_float(bits); }
};

struct Single {
  using Stored = float;
  static float widen(Stored value) { return value; }
};

constexpr size_t kBlock = 64;  // a fixed number, so that compilers turn the loops over it into vector code

template <typename Type>
uint32_t widen_block(const typename Type::Stored* stored, float* scores) {
  uint32_t bad = 0;
  for (size_t i = 0; i < kBlock; ++i) scores[i] = Type::widen(stored[i]);
  for (size_t i = 0; i < kBlock; ++i) bad += is_below_infinity(scores[i]) ? 0u : 1u;
  return bad;
}

// Returns whether every one is below infinity. `stride` has a type of its own where it is known, for the sake of speed.
template <typename Type, typename Stride>
bool widen_all(const char* data, Stride stride, std::vector<float>& scores) {
  typename Type::Stored stored[kBlock] = {};
  float widened[kBlock];
  uint32_t bad = 0;
  for (size_t begin = 0; begin < scores.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, scores.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      std::memcpy(&stored[i], data + (begin + i) * stride * sizeof(stored[i]), sizeof(stored[i]));
    }
    bad += widen_block<Type>(stored, widened);
    std::copy_n(widened, count, scores.begin() + static_cast<ptrdiff_t>(begin));
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

float to_fp32(uint16_t half) { return portable::half_to_float(half); }

std::optional<Failure> read_logits(const Logits& logits, std::vector<float>& scores) {
  if (logits.data == nullptr || logits.count < 1 || logits.stride < 1) {
    return Failure{"logits: not a view of numbers; got " + std::to_string(logits.count) + " with stride " +
                   std::to_string(logits.stride) + (logits.data == nullptr ? " at no address" : "") +
                   ", want at least 1 with stride 1 or more"};
  }
  scores.resize(static_cast<size_t>(logits.count));
  const bool is_half = logits.type == LogitType::fp16;
  const bool good = is_half ? widen_all<Half>(logits, scores) : widen_all<Single>(logits, scores);
  if (good) return std::nullopt;
  const auto bad = std::find_if_not(scores.begin(), scores.end(), is_below_infinity);
  return Failure{"logits: the model gave no number for token " + std::to_string(bad - scores.begin()) + "; got " +
                 (std::isnan(*bad) ? "NaN" : "+infinity") + ", want a finite number or -infinity"};
}

}  // namespace cortland::text
