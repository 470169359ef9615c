// Random weights of the shapes that trained models have, and plain codecs to measure ours against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "quant/encoded.h"
#include "tensor/convert.h"

namespace cortland {

enum class Law { gauss, laplace, student5, student3 };

// The same on every machine.
inline std::vector<float> sample(Law law, size_t n, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  const auto gauss = [&] { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); };
  const auto student = [&](int degrees) {
    double sum = 0;
    for (int i = 0; i < degrees; ++i) {
      const double g = gauss();
      sum += g * g;
    }
    return gauss() / std::sqrt(sum / degrees);
  };
  std::vector<float> values(n);
  for (float& value : values) {
    switch (law) {
      case Law::gauss: value = static_cast<float>(gauss()); break;
      case Law::laplace: {
        const double u = uniform() - 0.5;
        value = static_cast<float>(u < 0 ? std::log(1 + 2 * u) : -std::log(1 - 2 * u));
        break;
      }
      case Law::student5: value = static_cast<float>(student(5)); break;
      case Law::student3: value = static_cast<float>(student(3)); break;
    }
    value *= 0.02f;
  }
  return values;
}

inline double squared(double x) { return x * x; }

// The error of 4 bits for a block under a scale, codes from `lowest` to 7.
inline double error_under(std::span<const float> block, double scale, int lowest = -8) {
  double sum = 0;
  for (const float x : block) {
    const double q = std::clamp(std::nearbyint(static_cast<double>(x) / scale), static_cast<double>(lowest), 7.0);
    sum += squared(static_cast<double>(x) - scale * q);
  }
  return sum;
}

// As coremltools does it, but for the bits of the scale: max|x| / 7 in 8 of them, codes from -7 to 7.
inline double plain_error(std::span<const float> block) {
  float largest = 0;
  for (const float x : block) largest = std::max(largest, std::abs(x));
  int exponent = 0;
  const double mantissa = std::frexp(static_cast<double>(largest / 7), &exponent);
  return largest == 0 ? 0 : error_under(block, std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8), -7);
}

inline double energy(std::span<const float> values) {
  double sum = 0;
  for (const float x : values) sum += squared(static_cast<double>(x));
  return sum;
}

inline double decibel(double signal, double noise) { return 10 * std::log10(signal / noise); }

}  // namespace cortland
