#include "tensor/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cortland {
namespace {

double log_sum_exp(std::span<const float> logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float value : logits) sum += std::exp(value - top);
  return top + std::log(sum);
}

}  // namespace

void DifferenceSum::add(std::span<const float> reference, std::span<const float> values) {
  for (size_t i = 0; i < reference.size(); ++i) {
    const double difference = std::abs(static_cast<double>(values[i]) - reference[i]);
    finite_ = finite_ && std::isfinite(difference);
    max_abs_ = std::max(max_abs_, difference);
    sum_abs_ += difference;
    sum_square_ += difference * difference;
    const double size = std::abs(static_cast<double>(reference[i]));
    sum_reference_ += size * size;
    max_reference_ = std::max(max_reference_, size);
  }
  count_ += reference.size();
}

Difference DifferenceSum::result() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (count_ == 0) return {};
  if (!finite_) return {kInfinity, kInfinity, -kInfinity};
  const auto n = static_cast<double>(count_);
  const double rmse = std::sqrt(sum_square_ / n);
  return {max_abs_, sum_abs_ / n, rmse == 0 ? kInfinity : 20 * std::log10(max_reference_ / rmse)};
}

double DifferenceSum::snr_db() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!finite_) return -kInfinity;
  return sum_square_ == 0 ? kInfinity : 10 * std::log10(sum_reference_ / sum_square_);
}

Difference compare(std::span<const float> reference, std::span<const float> values) {
  DifferenceSum sum;
  sum.add(reference, values);
  return sum.result();
}

double kl_divergence(std::span<const float> reference, std::span<const float> values) {
  const double reference_norm = log_sum_exp(reference), values_norm = log_sum_exp(values);
  double kl = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double log_p = reference[i] - reference_norm;
    kl += std::exp(log_p) * (log_p - (values[i] - values_norm));
  }
  return std::max(kl, 0.0);
}

int64_t argmax(std::span<const float> values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

double negative_log_likelihood(std::span<const float> logits, int64_t id) {
  return log_sum_exp(logits) - logits[static_cast<size_t>(id)];
}

}  // namespace cortland
