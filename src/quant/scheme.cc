#include "quant/scheme.h"

#include <fmt/format.h>

namespace cortland {

std::string to_string(const Scheme& scheme) {
  switch (scheme.codec) {
    case Codec::half: return "fp16";
    case Codec::int8: return scheme.block == 0 ? "int8 per row" : fmt::format("int8 in blocks of {}", scheme.block);
    case Codec::uint8:
      return scheme.block == 0 ? "uint8 with offsets per row"
                               : fmt::format("uint8 with offsets in blocks of {}", scheme.block);
    case Codec::int4: return fmt::format("int4 in blocks of {}", scheme.block);
    case Codec::uint4: return fmt::format("uint4 with offsets in blocks of {}", scheme.block);
    case Codec::palette:
      return scheme.group == 0 ? fmt::format("{}-bit palette", scheme.bits)
                               : fmt::format("{}-bit palettes of {} rows", scheme.bits, scheme.group);
    case Codec::stored: return "as stored";
  }
  return "";
}

double bits_per_weight(const Scheme& scheme, int64_t rows, int64_t cols) {
  constexpr double kHalf = 16;
  const double bits = scheme.bits;
  switch (scheme.codec) {
    case Codec::half: return kHalf;
    case Codec::int8:
    case Codec::int4: return bits + kHalf / static_cast<double>(scheme.block == 0 ? cols : scheme.block);
    case Codec::uint8:
    case Codec::uint4: return bits + (kHalf + bits) / static_cast<double>(scheme.block == 0 ? cols : scheme.block);
    case Codec::palette:
      return bits + kHalf * static_cast<double>(1 << scheme.bits) /
                        static_cast<double>((scheme.group == 0 ? rows : scheme.group) * cols);
    case Codec::stored: return 0;
  }
  return 0;
}

}  // namespace cortland
