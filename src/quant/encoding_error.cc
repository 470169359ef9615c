#include "quant/encoding_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/scale.h"

namespace cortland {
namespace {

class Comparison {
 public:
  Comparison(const Scheme& scheme, const Rows& rows, const Encoded& encoded, std::span<const uint16_t> whole_table)
      : scheme_(scheme), encoded_(encoded), cols_(static_cast<size_t>(rows.cols)), values_(rows.values) {
    const auto& tables = encoded.tables.empty() ? std::vector<uint16_t>(whole_table.begin(), whole_table.end()) : encoded.tables;
    for (const uint16_t entry : tables) table_.push_back(half_to_float(entry));
  }

  EncodingError run() const {
    EncodingError error;
    const size_t run = run_length();
    for (size_t at = 0; at < values_.size(); at += run) {
      const size_t n = std::min(run, values_.size() - at);
      float signal = 0, noise = 0;
      decode(at, n, [&](size_t i, float decoded) {
        const float value = values_[i], difference = value - decoded;
        signal += value * value;
        noise += difference * difference;
      });
      error.signal += static_cast<double>(signal);
      error.noise += static_cast<double>(noise);
    }
    return error;
  }

 private:
  // Elements that share their parameters.
  size_t run_length() const {
    switch (scheme_.codec) {
      case Codec::int4:
      case Codec::uint4: return static_cast<size_t>(scheme_.block);
      default: return cols_;
    }
  }

  template <typename Use>
  void decode(size_t at, size_t n, Use use) const {
    const uint8_t* codes = encoded_.codes.data();
    switch (scheme_.codec) {
      case Codec::half:
      case Codec::uint8:
      case Codec::stored: return;
      case Codec::int8: {
        const float scale = scale_value(encoded_.scales[at / cols_]);
        for (size_t i = at; i < at + n; ++i) use(i, scale * static_cast<float>(static_cast<int8_t>(codes[i])));
        return;
      }
      case Codec::int4: {
        const float scale = scale_value(encoded_.scales[at / static_cast<size_t>(scheme_.block)]);
        for (size_t i = at; i < at + n; ++i) use(i, scale * static_cast<float>((codes[i] ^ 8) - 8));
        return;
      }
      case Codec::uint4: {
        const size_t block = at / static_cast<size_t>(scheme_.block);
        const float scale = scale_value(encoded_.scales[block]);
        for (size_t i = at; i < at + n; ++i) use(i, scale * static_cast<float>(codes[i] - encoded_.offsets[block]));
        return;
      }
      case Codec::palette: {
        const size_t group = scheme_.group == 0 ? 0 : at / cols_ / static_cast<size_t>(scheme_.group);
        const float* table = table_.data() + (group << scheme_.bits);
        for (size_t i = at; i < at + n; ++i) use(i, table[codes[i]]);
        return;
      }
    }
  }

  const Scheme& scheme_;
  const Encoded& encoded_;
  size_t cols_;
  std::span<const float> values_;
  std::vector<float> table_;
};

}  // namespace

double EncodingError::snr_db() const {
  return noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
}

void EncodingError::merge(const EncodingError& other) {
  signal += other.signal;
  noise += other.noise;
}

EncodingError measure_error(const Scheme& scheme, const Rows& rows, const Encoded& encoded, std::span<const uint16_t> whole_table) {
  return Comparison(scheme, rows, encoded, whole_table).run();
}

}  // namespace cortland
