#include "pipeline/step_totals.h"

#include <algorithm>
#include <cmath>

namespace cortland {
namespace {

// Of a sum of negative log likelihoods.
Measured perplexity(double sum, size_t tokens) {
  if (tokens == 0) return {};
  const double value = std::exp(sum / static_cast<double>(tokens));
  return std::isfinite(value) ? Measured(value) : Measured();
}

}  // namespace

void StepTotals::add(std::span<const float> want, std::span<const float> got) {
  const double kl = kl_divergence(want, got);
  const double distance = std::isnan(kl) ? INFINITY : kl;  // a package without finite logits is infinitely far
  logits_.add(want, got);
  kl_ += distance;
  worst_kl_ = std::max(worst_kl_, distance);
  agreed_ += argmax(want) == argmax(got) ? 1 : 0;
  const auto [least, most] = std::minmax_element(want.begin(), want.end());
  scale_ = std::max({scale_, std::abs(static_cast<double>(*least)), std::abs(static_cast<double>(*most))});
  differ_ = differ_ || *least != *most;
  ++tokens_;
}

void StepTotals::add_next(std::span<const float> want, std::span<const float> got, int32_t id) {
  reference_nll_ += negative_log_likelihood(want, id);
  package_nll_ += negative_log_likelihood(got, id);
  ++predicted_;
}

void StepTotals::fill(VerifyReport& report) const {
  const auto count = static_cast<double>(std::max<size_t>(tokens_, 1));
  report.tokens = static_cast<int64_t>(tokens_);
  report.logits = logits_.result();
  report.mean_kl = kl_ / count;
  report.worst_kl = worst_kl_;
  report.top1_agreement = static_cast<double>(agreed_) / count;
  report.logit_scale = scale_;
  report.reference_perplexity = perplexity(reference_nll_, predicted_);
  report.package_perplexity = perplexity(package_nll_, predicted_);
  // One step may be flat: the embedding of a padding token is often zero.
  if (tokens_ > 0 && !differ_) report.checkpoint_fault = "gives all tokens the same logit";
}

}  // namespace cortland
