// How far codes are from the numbers that they were made of, for reports.
#pragma once

#include <span>

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

struct EncodingError {
  double signal = 0, noise = 0;  // sums of squares

  double snr_db() const;  // infinite without noise
  void add(std::span<const float> values, std::span<const float> decoded);
  void merge(const EncodingError& other);
};

// `whole_table` is that of a palette without groups.
EncodingError measure_error(const Scheme& scheme, const Rows& rows, const Encoded& encoded, std::span<const uint16_t> whole_table);

}  // namespace cortland
