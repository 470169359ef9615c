// What the steps of a comparison add up to.
#pragma once

#include <cstdint>
#include <span>

#include "pipeline/verify.h"
#include "tensor/metrics.h"

namespace cortland {

class StepTotals {
 public:
  // Logits [V] of the checkpoint and of the package behind the same ids. REQUIRES: those of the checkpoint are finite.
  void add(std::span<const float> want, std::span<const float> got);
  // The id that follows, which the same logits predict.
  void add_next(std::span<const float> want, std::span<const float> got, int32_t id);

  // Writes tokens, logits, KL, top-1, perplexities and the scale; and the fault of a checkpoint whose logits never
  // differ.
  void fill(VerifyReport& report) const;

 private:
  DifferenceSum logits_;
  double kl_ = 0, worst_kl_ = 0, scale_ = 0;
  double reference_nll_ = 0, package_nll_ = 0;
  size_t tokens_ = 0, predicted_ = 0, agreed_ = 0;
  bool differ_ = false;
};

}  // namespace cortland
