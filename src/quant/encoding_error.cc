#include "quant/encoding_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/decoder.h"

namespace cortland {

double EncodingError::snr_db() const {
  return noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
}

void EncodingError::merge(const EncodingError& other) {
  signal += other.signal;
  noise += other.noise;
}

EncodingError measure_error(const Scheme& scheme, const Rows& rows, const Encoded& encoded, std::span<const uint16_t> whole_table) {
  const Decoder decoder(scheme, rows.cols, encoded, whole_table);
  EncodingError error;
  std::vector<float> decoded(decoder.run());
  for (size_t at = 0; at < rows.values.size(); at += decoded.size()) {
    decoder.decode(at, decoded);
    float signal = 0, noise = 0;
    for (size_t i = 0; i < decoded.size(); ++i) {
      const float value = rows.values[at + i], difference = value - decoded[i];
      signal += value * value;
      noise += difference * difference;
    }
    const double of_row = rows.row_importance.empty() ? 1 : static_cast<double>(rows.row_importance[at / static_cast<size_t>(rows.cols)]);
    error.signal += of_row * static_cast<double>(signal);
    error.noise += of_row * static_cast<double>(noise);
  }
  return error;
}

}  // namespace cortland
