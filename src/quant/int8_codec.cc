#include "quant/int8_codec.h"

#include "quant/kernels.h"
#include "quant/scale.h"

namespace cortland {

Encoded encode_int8(const Rows& rows) {
  constexpr int kLargest = 127;
  const auto cols = static_cast<size_t>(rows.cols);
  Encoded out;
  out.codes.resize(rows.values.size());
  for (size_t at = 0; at < rows.values.size(); at += cols) {
    const std::span<const float> row = rows.values.subspan(at, cols);
    const float largest = max_magnitude(row);
    const uint16_t scale = largest == 0 ? kUnitScale : round_scale(largest / kLargest, kLargest);
    out.scales.push_back(scale);
    round_codes(row, scale_value(scale), -kLargest, kLargest, std::span(out.codes).subspan(at, cols));
  }
  return out;
}

}  // namespace cortland
