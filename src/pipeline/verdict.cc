#include "pipeline/verdict.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

VerifyReport::Check judge_rules(const VerifyReport& report) {
  VerifyReport::Check check{"package rules", "none is broken", "none is broken", report.findings.empty()};
  if (!check.passed) {
    check.got = fmt::format("broken: {} ({} in all)", report.findings.front().rule, report.findings.size());
  }
  return check;
}

VerifyReport::Check judge_checkpoint(const VerifyReport& report) {
  return {"checkpoint itself", report.checkpoint_fault.value_or("finite logits"), "finite logits, not all equal",
          !report.checkpoint_fault};
}

VerifyReport::Check judge_quality(const RecordedQuality& quality) {
  // What is recorded has two digits.
  constexpr double kPart = 0.1, kLeast = 1e-6;
  return {"quality as recorded", fmt::format("KL {:.2g}", quality.measured),
          fmt::format("KL {:.2g}, {:g} % more or less", quality.recorded, 100 * kPart),
          std::abs(quality.measured - quality.recorded) <= kPart * quality.recorded + kLeast};
}

VerifyReport::Check judge_greedy(const VerifyReport& report, const Thresholds& wanted) {
  const GreedyComparison& greedy = report.greedy;
  const double tie = wanted.tie(report.logit_scale);
  VerifyReport::Check check{"greedy text", "identical", fmt::format("identical, or a tie within {:.2g}", tie), true};
  if (greedy.first_difference) {
    // Where two tokens are that close, both choices are right.
    check.passed = greedy.margin <= tie;
    check.got = fmt::format("parts at token {} by {:.2g} logits", *greedy.first_difference, greedy.margin);
  }
  return check;
}

}  // namespace

double Thresholds::tie(double logit_scale) const { return 2 * logit_scale * std::pow(10, -psnr_db / 20); }

Thresholds thresholds_for(Math math, int bits) {
  const Thresholds half = math == Math::fp32 ? Thresholds{55, 1e-4, 0.98, 1e-3} : Thresholds{38, 1e-3, 0.95, 1e-2};
  if (bits >= kHalfBits) return half;
  constexpr Thresholds kFourBits{15, 0.2, 0.75, 0};
  constexpr double kAnyCodes = 0.004;  // nats, however many bits
  const auto amplitude = [](double psnr_db) { return std::pow(10, -psnr_db / 20); };
  const double noise = std::exp2(4 - bits);  // next to that of 4 bits
  return {-20 * std::log10(amplitude(half.psnr_db) + noise * amplitude(kFourBits.psnr_db)),
          half.mean_kl + kAnyCodes + noise * noise * kFourBits.mean_kl,
          std::max(0.0, half.top1_agreement - noise * (1 - kFourBits.top1_agreement)),
          half.prefill_difference};
}

std::vector<VerifyReport::Check> judge(const VerifyReport& report, const Thresholds& wanted) {
  std::vector<VerifyReport::Check> checks;
  const auto add = [&](std::string name, std::string got, std::string want, bool passed) {
    checks.push_back({std::move(name), std::move(got), std::move(want), passed});
  };
  checks.push_back(judge_rules(report));
  checks.push_back(judge_checkpoint(report));
  // Without numbers of the checkpoint there is nothing to hold the package against.
  if (report.checkpoint_fault) return checks;
  add("logit PSNR", fmt::format("{:.1f} dB", report.logits.psnr_db), fmt::format("at least {:.0f} dB", wanted.psnr_db),
      report.logits.psnr_db >= wanted.psnr_db);
  add("mean KL", fmt::format("{:.2g}", report.mean_kl), fmt::format("at most {:.2g}", wanted.mean_kl),
      report.mean_kl <= wanted.mean_kl);
  // Of a few tokens, one at a tie is already more than the percentage allows.
  constexpr int64_t kFewest = 16;  // below, one would be too large a part
  const double part_allowed = (1 - wanted.top1_agreement) * static_cast<double>(report.tokens);
  const double allowed = report.tokens >= kFewest ? std::max(1.0, part_allowed) : part_allowed;
  const double missed = (1 - report.top1_agreement) * static_cast<double>(report.tokens);
  add("top-1 agreement", fmt::format("{:.1f} %", 100 * report.top1_agreement),
      fmt::format("at least {:.3g} %, or all but one", 100 * wanted.top1_agreement), missed <= allowed + 1e-9);
  checks.push_back(judge_greedy(report, wanted));
  if (report.quality) checks.push_back(judge_quality(*report.quality));
  const double part = report.logit_scale > 0 ? report.prefill_difference / report.logit_scale : 0;
  add("decode = prefill", fmt::format("{:.2g} of the largest logit", part),
      fmt::format("at most {:g}", wanted.prefill_difference), part <= wanted.prefill_difference);
  float peak = 0;
  for (const ActivationPeak& p : report.peaks) peak = std::max(peak, p.magnitude);
  add("largest activation", fmt::format("{:.4g}", peak), fmt::format("below {:.0f}", kHalfMax), peak < kHalfMax);
  return checks;
}

}  // namespace cortland
