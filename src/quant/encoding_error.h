// How far codes are from the numbers that they were made of, for reports.
#pragma once

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

struct EncodingError {
  double signal = 0, noise = 0;  // sums of squares, by the importance of the rows

  double snr_db() const;  // infinite without noise
  double relative() const { return signal > 0 ? noise / signal : 0; }
  void merge(const EncodingError& other);
};

// `whole_table` is that of a palette without groups. Sums are over runs that share their parameters, in order.
EncodingError measure_error(const Scheme& scheme, const Rows& rows, const Encoded& encoded, std::span<const uint16_t> whole_table);

}  // namespace cortland
