// Random numbers that are the same on every platform: xoshiro256** 1.0, its state filled by SplitMix64 from the seed
// (D. Blackman, S. Vigna: Scrambled Linear Pseudorandom Number Generators, 2018). Not for secrets.
#pragma once

#include <array>
#include <cstdint>

namespace cortland::text {

class Random {
 public:
  using State = std::array<uint64_t, 4>;

  explicit Random(uint64_t seed);
  explicit Random(const State& state) : state_(state) {}  // REQUIRES: not all 0

  uint64_t next();
  // Uniform in 0 .. bound - 1. Takes as many numbers as it needs, less than two on average. REQUIRES: bound > 0.
  uint64_t below(uint64_t bound);

 private:
  State state_;
};

}  // namespace cortland::text
