#include "quant/histogram.h"

#include <algorithm>

#include "tensor/convert.h"

namespace cortland {
namespace {

constexpr uint16_t kSign = 0x8000;

// Bits of an fp16 number as an integer of the same order, and back.
uint16_t rank_of(uint16_t half) { return static_cast<uint16_t>(half & kSign ? ~half : half | kSign); }
uint16_t half_of(size_t rank) { return static_cast<uint16_t>(rank & kSign ? rank & 0x7fff : ~rank); }

}  // namespace

void Histogram::add(const Rows& rows) {
  halves_.resize(rows.values.size());
  floats_to_halves(rows.values, halves_);
  const auto cols = static_cast<size_t>(rows.cols);
  for (size_t at = 0; at < halves_.size(); at += cols) {
    const double of_row = rows.row_importance.empty() ? 1.0 : static_cast<double>(rows.row_importance[at / cols]);
    for (size_t j = 0; j < cols; ++j) {
      const size_t rank = rank_of(halves_[at + j]);
      weights_[rank] += rows.importance.empty() ? of_row : of_row * static_cast<double>(rows.importance[j]);
      first_ = std::min(first_, rank);
      last_ = std::max(last_, rank);
    }
  }
}

Points Histogram::take() {
  Points points;
  for (size_t rank = first_; rank <= last_ && rank < kBins; ++rank) {
    if (weights_[rank] <= 0) continue;
    points.values.push_back(half_to_float(half_of(rank)));
    points.weights.push_back(weights_[rank]);
    weights_[rank] = 0;
  }
  first_ = kBins;
  last_ = 0;
  return points;
}

}  // namespace cortland
