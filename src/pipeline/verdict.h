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
};

// For float16 weights.
Thresholds thresholds_for(Math math);

std::vector<VerifyReport::Check> judge(const VerifyReport& report, const Thresholds& thresholds);

}  // namespace cortland
