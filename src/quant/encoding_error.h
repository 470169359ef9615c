// How far codes are from the numbers that they were made of, for reports.
#pragma once

#include <span>

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

struct EncodingError {
  double signal = 0, noise = 0;  // sums of squares, by the importance of the rows

  double snr_db() const;  // infinite without noise
  // `importance`: of the row that they stand in.
  void add(std::span<const float> values, std::span<const float> decoded, double importance);
  double relative() const { return signal > 0 ? noise / signal : 0; }
  void merge(const EncodingError& other);
};

// `whole_table` is that of a palette without groups.
EncodingError measure_error(const Scheme& scheme, const Rows& rows, const Encoded& encoded,
                            std::span<const uint16_t> whole_table);

}  // namespace cortland
