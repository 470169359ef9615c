#include "quant/encoding_error.h"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "quant/decoder.h"

namespace cortland {

double EncodingError::snr_db() const {
  return noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
}

void EncodingError::add(std::span<const float> values, std::span<const float> decoded, double importance) {
  // Sums side by side, in an order that is the same on every machine.
  constexpr size_t kSums = 8;
  std::array<float, kSums> signals{}, noises{};
  size_t i = 0;
  for (; i + kSums <= values.size(); i += kSums) {
    for (size_t k = 0; k < kSums; ++k) {
      const float value = values[i + k], difference = value - decoded[i + k];
      signals[k] += value * value;
      noises[k] += difference * difference;
    }
  }
  for (; i < values.size(); ++i) {
    const float difference = values[i] - decoded[i];
    signals[0] += values[i] * values[i];
    noises[0] += difference * difference;
  }
  signal += importance * std::accumulate(signals.begin(), signals.end(), 0.0);
  noise += importance * std::accumulate(noises.begin(), noises.end(), 0.0);
}

void EncodingError::merge(const EncodingError& other) {
  signal += other.signal;
  noise += other.noise;
}

EncodingError measure_error(const Scheme& scheme, const Rows& rows, const Encoded& encoded,
                            std::span<const uint16_t> whole_table) {
  const Decoder decoder(scheme, rows.cols, encoded, whole_table);
  EncodingError error;
  std::vector<float> row(static_cast<size_t>(rows.cols));
  for (size_t at = 0; at < rows.values.size(); at += row.size()) {
    for (size_t i = 0; i < row.size(); i += decoder.run()) {
      decoder.decode(at + i, std::span(row).subspan(i, decoder.run()));
    }
    const double importance =
        rows.row_importance.empty() ? 1 : static_cast<double>(rows.row_importance[at / row.size()]);
    error.add(rows.values.subspan(at, row.size()), row, importance);
  }
  return error;
}

}  // namespace cortland
