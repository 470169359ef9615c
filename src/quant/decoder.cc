#include "quant/decoder.h"

#include "quant/scale.h"

namespace cortland {

Decoder::Decoder(const Scheme& scheme, int64_t cols, const Encoded& encoded, std::span<const uint16_t> whole_table)
    : scheme_(scheme),
      encoded_(encoded),
      cols_(static_cast<size_t>(cols)),
      run_(scheme.block > 0 ? static_cast<size_t>(scheme.block) : cols_) {
  for (const uint16_t entry : encoded.tables.empty() ? whole_table : std::span<const uint16_t>(encoded.tables)) {
    table_.push_back(half_to_float(entry));
  }
}

void Decoder::decode(size_t first, std::span<float> out) const {
  const uint8_t* codes = encoded_.codes.data() + first;
  const size_t n = out.size();
  switch (scheme_.codec) {
    case Codec::half:
    case Codec::uint8:
    case Codec::stored: return;
    case Codec::int8: {
      const float scale = scale_value(encoded_.scales[first / run_]);
      for (size_t i = 0; i < n; ++i) out[i] = scale * static_cast<float>(static_cast<int8_t>(codes[i]));
      return;
    }
    case Codec::int4: {
      const float scale = scale_value(encoded_.scales[first / run_]);
      for (size_t i = 0; i < n; ++i) out[i] = scale * static_cast<float>((codes[i] ^ 8) - 8);
      return;
    }
    case Codec::uint4: {
      const float scale = scale_value(encoded_.scales[first / run_]);
      const int offset = encoded_.offsets[first / run_];
      for (size_t i = 0; i < n; ++i) out[i] = scale * static_cast<float>(codes[i] - offset);
      return;
    }
    case Codec::palette: {
      const size_t group = scheme_.group == 0 ? 0 : first / cols_ / static_cast<size_t>(scheme_.group);
      const float* table = table_.data() + (group << scheme_.bits);
      for (size_t i = 0; i < n; ++i) out[i] = table[codes[i]];
      return;
    }
  }
}

}  // namespace cortland
