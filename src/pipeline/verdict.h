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

  // How far apart two logits of the checkpoint may be and still change places: each may be off by the RMSE that just
  // passes the PSNR. It does not come from the errors that were measured, or a bad package would widen what it is
  // judged by.
  double tie(double logit_scale) const;
};

inline constexpr int kHalfBits = 16;

// `bits`: the fewest of any weight; kHalfBits: all are fp16. What codes lose comes on top of what fp16 may: their noise
// halves with each bit (6.02 dB), so the KL falls by 4 and the tokens that change places by 2. At 4 bits it may be 15
// dB, 0.2 nats and a quarter of the tokens, and whatever the bits 0.004 nats: in all three times the KL that llama.cpp
// publishes for Llama-3-8B, 0.072 nats with Q4_0, 0.0055 with Q6_K and 0.0014 with Q8_0.
Thresholds thresholds_for(Math math, int bits);

std::vector<VerifyReport::Check> judge(const VerifyReport& report, const Thresholds& thresholds);

}  // namespace cortland
