#include "pipeline/step_totals.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cortland {
namespace {

using Logits = std::vector<float>;

VerifyReport report_of(const StepTotals& totals) {
  VerifyReport report;
  totals.fill(report);
  return report;
}

TEST(StepTotals, AddUp) {
  StepTotals totals;
  totals.add(Logits{0, 0}, Logits{0, 0});
  totals.add_next(Logits{0, 0}, Logits{0, 0}, 1);
  totals.add(Logits{-3, 1}, Logits{5, 1});
  const VerifyReport report = report_of(totals);
  EXPECT_EQ(report.tokens, 2);
  EXPECT_EQ(report.logits.max_abs, 8);
  EXPECT_EQ(report.top1_agreement, 0.5);
  EXPECT_EQ(report.logit_scale, 3) << "that of the checkpoint";
  EXPECT_DOUBLE_EQ(report.reference_perplexity, 2);
  EXPECT_EQ(report.checkpoint_fault, std::nullopt);
}

TEST(StepTotals, NothingIsMeasuredOfNothing) {
  const VerifyReport report = report_of(StepTotals());
  EXPECT_EQ(report.tokens, 0);
  EXPECT_FALSE(report.reference_perplexity.has_value());
  EXPECT_EQ(report.mean_kl, 0);
}

TEST(StepTotals, APackageWithoutFiniteLogitsIsInfinitelyFar) {
  for (const float bad : {NAN, -NAN, INFINITY, -INFINITY}) {
    StepTotals totals;
    totals.add(Logits{1, 2}, Logits{bad, bad});
    totals.add_next(Logits{1, 2}, Logits{bad, bad}, 0);
    const VerifyReport report = report_of(totals);
    EXPECT_EQ(report.mean_kl, INFINITY);
    EXPECT_EQ(report.logits.psnr_db, -INFINITY);
    EXPECT_EQ(report.logit_scale, 2);
    EXPECT_TRUE(report.reference_perplexity.has_value());
    EXPECT_FALSE(report.package_perplexity.has_value());
  }
}

TEST(StepTotals, LogitsThatNeverDifferAreAFault) {
  StepTotals totals;
  totals.add(Logits{4, 4}, Logits{1, 2});
  EXPECT_TRUE(report_of(totals).checkpoint_fault.has_value());
  totals.add(Logits{4, 5}, Logits{1, 2});
  EXPECT_FALSE(report_of(totals).checkpoint_fault.has_value());
}

}  // namespace
}  // namespace cortland
