// The thresholds of verify, stated in one place.
#pragma once

#include <vector>

#include "interp/interpreter.h"
#include "pipeline/verify.h"

namespace cortland {

struct Thresholds {
  double psnr_db;             // at least
  double mean_kl;             // at most, nats
  double top1_agreement;      // at least
  double prefill_difference;  // at most, as a part of the largest logit

  // How far apart two logits of the checkpoint may be and still change places: each may be off by the RMSE that just passes
  // the PSNR. It does not come from the errors that were measured, or a bad package would widen what it is judged by.
  double tie(double logit_scale) const;
};

enum class WeightForm {
  half,     // fp16
  encoded,  // codes of fewer bits, at least some of them: these cost what the preset says, and that is no fault of the package
};

Thresholds thresholds_for(Math math, WeightForm weights);

std::vector<VerifyReport::Check> judge(const VerifyReport& report, const Thresholds& thresholds);

}  // namespace cortland
