#include "tensor/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace cortland {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

TEST(Compare, ByHand) {
  const std::vector<float> reference{3, -10, 0, 5}, values{2, -10, 0.5f, 5};
  const Difference difference = compare(reference, values);
  EXPECT_EQ(difference.max_abs, 1);
  EXPECT_EQ(difference.mean_abs, 1.5 / 4);
  EXPECT_NEAR(difference.psnr_db, 20 * std::log10(10 / std::sqrt(1.25 / 4)), 1e-12);
}

TEST(Compare, TenTimesLessErrorIsTwentyDecibelsMore) {
  const std::vector<float> reference{1, -1}, near{1 + 0x1p-10f, -1}, nearer{1 + 0x1p-20f, -1};
  EXPECT_NEAR(compare(reference, nearer).psnr_db - compare(reference, near).psnr_db, 20 * std::log10(1024), 1e-9);
}

TEST(Compare, EqualIsInfiniteAndNotANumberIsMinusInfinite) {
  EXPECT_EQ(compare(std::vector<float>{1, 2}, std::vector<float>{1, 2}).psnr_db, kInfinite);
  EXPECT_EQ(compare(std::vector<float>{1, 2}, std::vector<float>{1, 2}).max_abs, 0);
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {kNotANumber, infinity, -infinity}) {
    const std::vector<float> good{1, 2, 3}, spoilt{1, bad, 3};
    for (const Difference& difference : {compare(good, spoilt), compare(spoilt, good), compare(spoilt, spoilt)}) {
      EXPECT_EQ(difference.psnr_db, -kInfinite);
      EXPECT_EQ(difference.max_abs, kInfinite);
      EXPECT_EQ(difference.mean_abs, kInfinite);
    }
  }
}

TEST(DifferenceSum, PiecesGiveTheWhole) {
  std::vector<float> reference(100), values(100);
  for (size_t i = 0; i < reference.size(); ++i) {
    reference[i] = std::sin(static_cast<float>(i));
    values[i] = reference[i] + 0.01f * std::cos(static_cast<float>(3 * i));
  }
  DifferenceSum sum;
  for (size_t i = 0; i < reference.size(); i += 7) {
    const size_t n = std::min<size_t>(7, reference.size() - i);
    sum.add(std::span(reference).subspan(i, n), std::span(values).subspan(i, n));
  }
  const Difference whole = compare(reference, values), pieces = sum.result();
  EXPECT_EQ(pieces.max_abs, whole.max_abs);
  EXPECT_EQ(pieces.mean_abs, whole.mean_abs);
  EXPECT_EQ(pieces.psnr_db, whole.psnr_db);
  EXPECT_EQ(DifferenceSum().result().max_abs, 0);
}

TEST(KlDivergence, ByTheDefinition) {
  // Logits that are logarithms of probabilities, moved by a constant.
  const std::vector<double> p{0.5, 0.25, 0.25}, q{0.25, 0.25, 0.5};
  std::vector<float> reference, values;
  for (const double x : p) reference.push_back(static_cast<float>(std::log(x)) + 100);
  for (const double x : q) values.push_back(static_cast<float>(std::log(x)) - 7);
  EXPECT_NEAR(kl_divergence(reference, values), 0.5 * std::log(2.0) + 0.25 * std::log(0.5), 1e-5);
  EXPECT_NEAR(kl_divergence(values, values), 0, 1e-12);
}

TEST(KlDivergence, LargeLogitsDoNotOverflow) {
  const std::vector<float> reference{10000, 0}, values{0, 10000};
  EXPECT_NEAR(kl_divergence(reference, values), 10000, 1e-6);
}

TEST(Argmax, TheFirstOfEquals) {
  EXPECT_EQ(argmax(std::vector<float>{1}), 0);
  EXPECT_EQ(argmax(std::vector<float>{1, 3, 2, 3}), 1);
  EXPECT_EQ(argmax(std::vector<float>{-5, -1, -1}), 1);
  EXPECT_EQ(argmax(std::vector<float>{-std::numeric_limits<float>::infinity(), -9}), 1);
}

TEST(NegativeLogLikelihood, IsTheLogarithmOfTheProbability) {
  const std::vector<float> logits{0, std::log(3.0f)};
  EXPECT_NEAR(negative_log_likelihood(logits, 0), std::log(4.0), 1e-6);
  EXPECT_NEAR(negative_log_likelihood(logits, 1), std::log(4.0 / 3), 1e-6);
  EXPECT_NEAR(negative_log_likelihood(std::vector<float>{1e4f, 0}, 1), 1e4, 1e-9);
}

}  // namespace
}  // namespace cortland
