#include "quant/kept_codes.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "quant/scale.h"

namespace cortland {
namespace {

constexpr float kHalfInfinity = 65520.0f;  // from here on numbers round to infinity

uint16_t half_scale(float scale, int largest, std::string_view where) {
  require(std::isfinite(scale), ErrorCode::corrupt, "{}: holds a scale that is not finite; hint: the file is damaged",
          where);
  const uint16_t half = std::max(kSmallestScale, float_to_half(scale));
  require(scale_value(half) * static_cast<float>(largest) < kHalfInfinity, ErrorCode::unsupported,
          "{}: weights of {:g} are beyond fp16; hint: leave --precision keep out", where,
          scale * static_cast<float>(largest));
  return half;
}

}  // namespace

Encoded keep_codes(const ForeignCodes& foreign, const Scheme& scheme, std::string_view where) {
  const bool with_offsets = has_offsets(scheme.codec);
  const int highest = (1 << scheme.bits) - 1, centre = 1 << (scheme.bits - 1);
  const size_t side = foreign.scales.empty() ? 0 : foreign.codes.size() / foreign.scales.size();
  Encoded out;
  out.codes.resize(foreign.codes.size());
  out.scales.resize(foreign.scales.size());
  if (with_offsets) out.offsets.resize(foreign.scales.size());
  for (size_t b = 0; b < foreign.scales.size(); ++b) {
    const std::span<const uint8_t> codes = foreign.codes.subspan(b * side, side);
    const std::span<uint8_t> kept = std::span(out.codes).subspan(b * side, side);
    const float scale = foreign.scales[b];
    const int zero = foreign.zeros[b];
    if (scale == 0) {
      out.scales[b] = kUnitScale;
      if (with_offsets) out.offsets[b] = foreign.zeros[b];
      std::fill(kept.begin(), kept.end(), with_offsets ? foreign.zeros[b] : uint8_t{0});
      continue;
    }
    int largest = 0;
    for (const uint8_t code : codes) largest = std::max(largest, std::abs(code - zero));
    out.scales[b] = half_scale(std::abs(scale), largest, where);
    if (with_offsets) {
      const auto turned = [&](uint8_t code) { return static_cast<uint8_t>(scale < 0 ? highest - code : code); };
      std::transform(codes.begin(), codes.end(), kept.begin(), turned);
      out.offsets[b] = turned(foreign.zeros[b]);
      continue;
    }
    require(scale > 0 || std::find(codes.begin(), codes.end(), uint8_t{0}) == codes.end(), ErrorCode::unsupported,
            "{}: a negative scale meets the code {}, which cannot be negated; hint: --keep 'NAME=int8' for this tensor",
            where, -centre);
    std::transform(codes.begin(), codes.end(), kept.begin(), [&](uint8_t code) {
      const int q = scale < 0 ? centre - code : code - centre;
      return static_cast<uint8_t>(q & highest);
    });
  }
  return out;
}

}  // namespace cortland
