#include "text/sampler/weights.h"

#include <array>
#include <cstddef>
#include <limits>

namespace cortland::text {
namespace {

constexpr double kLn2 = 0.69314718055994530942;
constexpr double kLog2E = 1.44269504088896340736;
constexpr int kFractionBits = 28;  // of a distance
constexpr int kTableBits = 9;
constexpr int kRestBits = kFractionBits - kTableBits;
constexpr double kNothing = static_cast<double>((kLargestWeightBits + 1) << kTableBits) * (1 << kRestBits);
constexpr uint64_t kOne = uint64_t{1} << 31;

// 2^(-i/512) times 2^31, rounded.
constexpr auto kPowers = [] {
  std::array<uint32_t, 1 << kTableBits> powers{};
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const double x = static_cast<double>(i) / static_cast<double>(powers.size()) * -kLn2;
    double sum = 1, term = 1;
    for (int k = 1; k < 24; ++k) sum += term *= x / k;
    powers[i] = static_cast<uint32_t>(sum * static_cast<double>(kOne) + 0.5);
  }
  return powers;
}();

// ln(2) times 2^35, so that its product with the rest of a distance, which counts 2^-28, has 2^63 for 1.
constexpr uint64_t kLn2Scaled = static_cast<uint64_t>(kLn2 * (uint64_t{1} << 35) + 0.5);

}  // namespace

Distance::Distance(float best, double temperature)
    : best_(static_cast<double>(best)), scale_(kLog2E * (1 << kFractionBits) / temperature) {}

double Distance::log_of(double distance) { return -distance / (1 << kFractionBits) * kLn2; }

uint64_t weight_of(double distance) {
  if (!(distance < kNothing)) return 0;
  const uint64_t whole = static_cast<uint64_t>(static_cast<int64_t>(distance));  // the signed way is one instruction
  const uint64_t octaves = whole >> kFractionBits;
  const uint64_t entry = (whole >> kRestBits) & ((1 << kTableBits) - 1);
  const uint64_t rest = whole & ((1 << kRestBits) - 1);
  // e^-x = 1 - x + x^2 / 2 for x < 0.00136: the next term is below 2^-31.
  const uint64_t x = (rest * kLn2Scaled) >> 32;  // times 2^31
  const uint64_t factor = kOne - x + ((x * x) >> 32);
  return (kPowers[entry] * factor) >> (62 - kLargestWeightBits + static_cast<int>(octaves));
}

double distance_below(uint64_t weight) {
  if (weight == 0) return std::numeric_limits<double>::infinity();
  uint64_t low = 0, high = static_cast<uint64_t>(kNothing);  // the weight at `high` is below
  while (low < high) {
    const uint64_t middle = (low + high) / 2;
    if (weight_of(static_cast<double>(middle)) < weight) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<double>(low);
}

}  // namespace cortland::text
