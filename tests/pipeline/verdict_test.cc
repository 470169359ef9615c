#include "pipeline/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/convert.h"

namespace cortland {
namespace {

// Passes every threshold of fp32 math, which calls 0.036 logits a tie.
VerifyReport good() {
  VerifyReport report;
  report.logits = {.max_abs = 0.01, .mean_abs = 0.001, .psnr_db = 80};
  report.mean_kl = 1e-6;
  report.tokens = 100;
  report.top1_agreement = 1;
  report.prefill_difference = 1e-4;
  report.logit_scale = 10;
  report.peaks = {{0, "layers_0_out", 100}, {-1, "logits", 20}};
  return report;
}

// The names of the checks that fail.
std::vector<std::string> failed(const VerifyReport& report) {
  std::vector<std::string> names;
  for (const auto& check : judge(report, thresholds_for(Math::fp32, kHalfBits))) {
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
      {"package rules", [](VerifyReport& r) { r.findings = {{"extra-file", "X", "unknown"}}; }},
      {"checkpoint itself", [](VerifyReport& r) { r.checkpoint_fault = "overflows at token 3"; }},
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

// What the check of this name got.
std::string got(const VerifyReport& report, std::string_view name) {
  for (const auto& check : judge(report, thresholds_for(Math::fp32, kHalfBits))) {
    if (check.name == name) return check.got;
  }
  return "no such check";
}

TEST(Verdict, GreedyTextMayPartAtATie) {
  VerifyReport report = good();
  report.greedy.first_difference = 3;
  report.greedy.margin = 0.035;
  EXPECT_EQ(failed(report), Names{});
  EXPECT_EQ(got(report, "greedy text"), "parts at token 3 by 0.035 logits");
  report.greedy.margin = 0.5;
  EXPECT_EQ(failed(report), Names{"greedy text"});
  EXPECT_EQ(got(report, "greedy text"), "parts at token 3 by 0.5 logits");
}

// The larger the errors, the more would be called a tie if the tie came from them.
TEST(Verdict, ABadPackageDoesNotWidenTheTie) {
  VerifyReport report = good();
  report.greedy.first_difference = 0;
  report.greedy.margin = 8.2;
  report.logits = {.max_abs = 20, .mean_abs = 5, .psnr_db = 60};
  EXPECT_EQ(failed(report), Names{"greedy text"});
}

TEST(Verdict, TheFirstBrokenRuleIsNamed) {
  VerifyReport report = good();
  report.findings = {{"extra-file", "X/a", "is unknown"}, {"extra-file", "X/b", "is unknown"}};
  EXPECT_EQ(got(report, "package rules"), "broken: extra-file (2 in all)");
}

TEST(Verdict, OneTokenOfAFewMayDiffer) {
  VerifyReport report = good();
  report.tokens = 24;
  report.top1_agreement = 23.0 / 24;
  EXPECT_EQ(failed(report), Names{});
  report.top1_agreement = 22.0 / 24;
  EXPECT_EQ(failed(report), Names{"top-1 agreement"});
  report.tokens = 2;
  report.top1_agreement = 0.5;
  EXPECT_EQ(failed(report), Names{"top-1 agreement"});
}

TEST(Verdict, EveryBitHalvesTheNoise) {
  for (const Math math : {Math::fp32, Math::fp16}) {
    const Thresholds half = thresholds_for(math, kHalfBits);
    for (int bits = 2; bits < 12; ++bits) {
      const Thresholds now = thresholds_for(math, bits), next = thresholds_for(math, bits + 1);
      EXPECT_NEAR((now.mean_kl - half.mean_kl - 0.004) / (next.mean_kl - half.mean_kl - 0.004), 4, 1e-9);
      const auto noise = [&](const Thresholds& t) {
        return std::pow(10, -t.psnr_db / 20) - std::pow(10, -half.psnr_db / 20);
      };
      EXPECT_NEAR(noise(now) / noise(next), 2, 1e-9);
      EXPECT_LT(now.top1_agreement, next.top1_agreement);
      EXPECT_LT(now.psnr_db, next.psnr_db);
      EXPECT_EQ(now.prefill_difference, half.prefill_difference);
    }
  }
  const Thresholds four = thresholds_for(Math::fp32, 4), eight = thresholds_for(Math::fp32, 8);
  EXPECT_NEAR(four.psnr_db, 15, 0.1);
  EXPECT_NEAR(eight.mean_kl, 0.2 / 256 + 0.004 + 1e-4, 1e-9);
  EXPECT_NEAR(eight.top1_agreement, 0.98 - 0.25 / 16, 1e-9);
}

TEST(Verdict, APackageMustBeWhatWasMeasured) {
  VerifyReport report = good();
  report.quality = RecordedQuality{.recorded = 0.0011, .measured = 0.00115};
  EXPECT_EQ(failed(report), Names{});
  for (const double measured : {0.00125, 0.0009, 1.0, static_cast<double>(NAN)}) {
    report.quality->measured = measured;
    EXPECT_EQ(failed(report), Names{"quality as recorded"}) << measured;
  }
}

TEST(Verdict, Fp16IsJudgedMoreKindly) {
  VerifyReport report = good();
  report.logits.psnr_db = 40;
  for (const auto& check : judge(report, thresholds_for(Math::fp16, kHalfBits))) {
    EXPECT_TRUE(check.passed) << check.name;
  }
  EXPECT_EQ(failed(report), Names{"logit PSNR"});
}

}  // namespace
}  // namespace cortland
