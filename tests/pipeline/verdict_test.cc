#include "pipeline/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/convert.h"

namespace cortland {
namespace {

// Passes every threshold of fp32 math.
VerifyReport good() {
  VerifyReport report;
  report.logits = {.max_abs = 0.01, .mean_abs = 0.001, .psnr_db = 80};
  report.mean_kl = 1e-6;
  report.top1_agreement = 1;
  report.prefill_difference = 1e-4;
  report.logit_scale = 10;
  report.peaks = {{0, "layers_0_out", 100}, {-1, "logits", 20}};
  return report;
}

// The names of the checks that fail.
std::vector<std::string> failed(const VerifyReport& report) {
  std::vector<std::string> names;
  for (const auto& check : judge(report, thresholds_for(Math::fp32))) {
    if (!check.passed) names.push_back(check.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Verdict, EveryThresholdCounts) {
  EXPECT_EQ(failed(good()), Names{});
  const struct {
    const char* name;
    void (*spoil)(VerifyReport&);
  } cases[] = {
      {"logit PSNR", [](VerifyReport& r) { r.logits.psnr_db = 54.9; }},
      {"logit PSNR", [](VerifyReport& r) { r.logits.psnr_db = NAN; }},
      {"mean KL", [](VerifyReport& r) { r.mean_kl = 1.1e-4; }},
      {"mean KL", [](VerifyReport& r) { r.mean_kl = NAN; }},
      {"top-1 agreement", [](VerifyReport& r) { r.top1_agreement = 0.97; }},
      {"decode = prefill", [](VerifyReport& r) { r.prefill_difference = 0.011; }},
      {"decode = prefill", [](VerifyReport& r) { r.prefill_difference = INFINITY; }},
      {"largest activation", [](VerifyReport& r) { r.peaks[0].magnitude = kHalfMax; }},
      {"largest activation", [](VerifyReport& r) { r.peaks[1].magnitude = INFINITY; }},
  };
  for (const auto& [name, spoil] : cases) {
    VerifyReport report = good();
    spoil(report);
    EXPECT_EQ(failed(report), Names{name});
  }
}

// Two tokens closer to each other than twice the error of the logits can change places.
TEST(Verdict, GreedyTextMayPartAtATie) {
  VerifyReport report = good();
  report.greedy.first_difference = 3;
  report.greedy.margin = 0.019;
  EXPECT_EQ(failed(report), Names{});
  EXPECT_EQ(judge(report, thresholds_for(Math::fp32))[3].got, "parts at token 3 by 0.019 logits (a tie)");
  report.greedy.margin = 0.5;
  EXPECT_EQ(failed(report), Names{"greedy text"});
  EXPECT_EQ(judge(report, thresholds_for(Math::fp32))[3].got, "parts at token 3 by 0.5 logits (beyond the error of 0.02)");
}

TEST(Verdict, Fp16IsJudgedMoreKindly) {
  VerifyReport report = good();
  report.logits.psnr_db = 40;
  for (const auto& check : judge(report, thresholds_for(Math::fp16))) EXPECT_TRUE(check.passed) << check.name;
  EXPECT_EQ(failed(report), Names{"logit PSNR"});
}

}  // namespace
}  // namespace cortland
