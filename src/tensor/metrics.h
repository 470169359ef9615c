// Numbers that compare two sets of logits.
#pragma once

#include <cstdint>
#include <span>

namespace cortland {

struct Difference {
  double max_abs = 0;
  double mean_abs = 0;
  double psnr_db = 0;  // 20 log10(max |reference| / RMSE); +inf when equal
};

// REQUIRES: equal sizes. A NaN or infinity on either side gives a PSNR of -inf.
Difference compare(std::span<const float> reference, std::span<const float> values);

// KL(softmax(reference) || softmax(values)) in nats.
double kl_divergence(std::span<const float> reference, std::span<const float> values);

// Index of the largest value, the first of equals. REQUIRES: not empty.
int64_t argmax(std::span<const float> values);

// -log softmax(logits)[id] in nats.
double negative_log_likelihood(std::span<const float> logits, int64_t id);

// The same comparison fed piece by piece.
class DifferenceSum {
 public:
  void add(std::span<const float> reference, std::span<const float> values);
  Difference result() const;
  // 10 log10(sum reference^2 / sum difference^2); +inf when equal, -inf for a NaN or infinity on either side.
  double snr_db() const;

 private:
  double max_abs_ = 0, sum_abs_ = 0, sum_square_ = 0, sum_reference_ = 0, max_reference_ = 0;
  uint64_t count_ = 0;
  bool finite_ = true;
};

}  // namespace cortland
