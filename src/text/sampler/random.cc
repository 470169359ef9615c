#include "text/sampler/random.h"

#include <bit>

namespace cortland::text {

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) {
    seed += 0x9E3779B97F4A7C15;
    uint64_t mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    word = mixed ^ (mixed >> 31);
  }
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  // The upper bits, as many as bound - 1 has; what is too large is drawn again, so that no value is favoured.
  const int width = static_cast<int>(std::bit_width(bound - 1));
  if (width == 0) return 0;
  uint64_t value = next() >> (64 - width);
  while (value >= bound) value = next() >> (64 - width);
  return value;
}

}  // namespace cortland::text
