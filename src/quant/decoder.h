// The numbers that codes stand for, while they are chosen: what a package means by them is in mil/ops/constexpr.h.
#pragma once

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

// Of rows of `cols` columns. `whole_table` is that of a palette without groups.
class Decoder {
 public:
  Decoder(const Scheme& scheme, int64_t cols, const Encoded& encoded, std::span<const uint16_t> whole_table);

  // Elements from `first` on. REQUIRES: they share their parameters, as all of a run do.
  void decode(size_t first, std::span<float> out) const;
  // The most elements that share them: of a block, or of a row.
  size_t run() const { return run_; }

 private:
  const Scheme& scheme_;
  const Encoded& encoded_;
  size_t cols_, run_;
  std::vector<float> table_;
};

}  // namespace cortland
