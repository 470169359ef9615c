#include "tensor/exponentials.h"

#include <cmath>
#include <limits>
#include <vector>

#include "tensor/every_target.h"

namespace cortland {
namespace {

class ExponentialsTest : public EveryTarget {};

// Of every length, so that each place of a vector and what is left behind the last one is met.
std::vector<float> some_numbers(size_t n) {
  std::vector<float> x;
  for (size_t i = 0; i < n; ++i) x.push_back(static_cast<float>(static_cast<int>(i * 37 % 241) - 120) * 0.75f);
  return x;
}

TEST_P(ExponentialsTest, AreThoseOfTheLibrary) {
  for (size_t n = 0; n < 70; ++n) {
    const std::vector<float> x = some_numbers(n);
    std::vector<float> y(n);
    double want = 0;
    const float sum = exponentials(x.data(), n, 90, y.data());
    for (size_t i = 0; i < n; ++i) {
      const double exact = std::exp(static_cast<double>(x[i]) - 90);
      want += exact;
      EXPECT_NEAR(y[i], exact, 2e-7 * exact + 1e-37) << x[i];
    }
    EXPECT_NEAR(sum, want, 1e-6 * want + 1e-37) << n;
  }
}

TEST_P(ExponentialsTest, SilusAreThoseOfTheDefinition) {
  for (size_t n = 0; n < 70; ++n) {
    std::vector<float> x = some_numbers(n);
    std::vector<float> y(n);
    silus(x.data(), n, y.data());
    for (size_t i = 0; i < n; ++i) {
      const double exact = static_cast<double>(x[i]) / (1 + std::exp(-static_cast<double>(x[i])));
      EXPECT_NEAR(y[i], exact, 4e-7 * std::abs(exact) + 1e-36) << x[i];
    }
    silus(x.data(), n, x.data());
    EXPECT_EQ(x, y) << "in place";
  }
}

TEST_P(ExponentialsTest, SilusOfWhatIsOutOfReach) {
  using Limits = std::numeric_limits<float>;
  const std::vector<float> x{1e4f, Limits::infinity(), -103, -200, -3e38f, Limits::quiet_NaN(), -0.0f};
  std::vector<float> y(x.size());
  silus(x.data(), x.size(), y.data());
  EXPECT_EQ(y[0], 1e4f);
  EXPECT_EQ(y[1], Limits::infinity());
  for (size_t i = 2; i < 5; ++i) EXPECT_NEAR(y[i], 0, 1e-36) << x[i];
  EXPECT_TRUE(std::isnan(y[5]));
  EXPECT_EQ(y[6], 0);
}

INSTANTIATE_TEST_SUITE_P(EveryTarget, ExponentialsTest, every_target(), name_of_target);

}  // namespace
}  // namespace cortland
