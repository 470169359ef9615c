#include "host/inputs.h"

#include <algorithm>
#include <cmath>

namespace cortland::host {

int64_t mask_slots(const Contract& contract, const Rows& rows) {
  return contract.has_flexible_calls() ? rows.start + rows.tokens : contract.context;
}

std::vector<float> make_mask(const Contract& contract, const Contract::Mask& mask, const Rows& rows) {
  const int64_t slots = mask_slots(contract, rows);
  std::vector<float> out(static_cast<size_t>(rows.tokens * slots), static_cast<float>(contract.mask_value));
  for (int64_t i = 0; i < rows.tokens; ++i) {
    const int64_t position = rows.start + i;
    int64_t first = mask.window ? std::max<int64_t>(0, position - *mask.window + 1) : 0;
    if (i >= rows.used) first = position;
    float* row = out.data() + i * slots;
    std::fill(row + first, row + position + 1, 0.0f);
  }
  return out;
}

std::vector<float> make_distance(const Contract& contract, const Rows& rows) {
  const int64_t slots = mask_slots(contract, rows);
  std::vector<float> out(static_cast<size_t>(rows.tokens * slots), 0.0f);
  for (int64_t i = 0; i < rows.tokens; ++i) {
    const int64_t position = rows.start + i;
    for (int64_t j = 0; j < position; ++j) {
      out[static_cast<size_t>(i * slots + j)] = static_cast<float>(j - position);
    }
  }
  return out;
}

RopeRows make_rope(const Contract::Rope& rope, const Rows& rows) {
  const size_t half = rope.inv_freq.size();
  const auto n = static_cast<size_t>(rows.tokens) * 2 * half;
  RopeRows out{std::vector<float>(n), std::vector<float>(n)};
  for (size_t i = 0; i < static_cast<size_t>(rows.tokens); ++i) {
    for (size_t k = 0; k < half; ++k) {
      const double angle = static_cast<double>(rows.start + static_cast<int64_t>(i)) * rope.inv_freq[k];
      const auto c = static_cast<float>(std::cos(angle) * rope.attention_factor);
      const auto s = static_cast<float>(std::sin(angle) * rope.attention_factor);
      const size_t low = i * 2 * half + k, high = low + half;
      out.cos[low] = out.cos[high] = c;
      out.sin[low] = -s;
      out.sin[high] = s;
    }
  }
  return out;
}

}  // namespace cortland::host
