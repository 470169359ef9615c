#include "host/inputs.h"

#include <algorithm>
#include <cmath>

namespace cortland::host {

namespace {

// Slots that hold consecutive positions, in a ring of `ring` slots from the first on where there is one.
struct Run {
  int64_t slot = 0, position = 0;  // of the first one
  int64_t count = 0;
  int64_t ring = 0;  // 0: none

  // Calls use(slot, position) for those that hold `first` to `last`.
  template <typename Use>
  void visit(int64_t first, int64_t last, Use use) const {
    const int64_t begin = std::max(first, position), end = std::min(last + 1, position + count);
    for (int64_t p = begin; p < end; ++p) use(ring > 0 ? p % ring : slot + p - position, p);
  }
};

// What the slots hold while a call is made. Slots of the past that are not written yet, or that the call computes
// again, hold nothing. `ring`: the slots of the ring, or 0 for a cache of all positions.
std::vector<Run> runs_of(const Contract& contract, const Rows& rows, int64_t ring) {
  switch (contract.cache.slots) {
    case Contract::Slots::position: break;
    case Contract::Slots::past_then_new: {
      const int64_t past = ring > 0 ? ring : contract.context - rows.tokens;
      return {{0, 0, rows.start, ring}, {past, rows.start, rows.tokens}};
    }
  }
  return {{0, 0, rows.start + rows.tokens, ring}};
}

int64_t ring_of(const Contract& contract, const Contract::Mask& mask) {
  return contract.is_of_ring(mask) ? contract.cache.ring->slots : 0;
}

}  // namespace

int64_t mask_slots(const Contract& contract, const Rows& rows) {
  return contract.has_flexible_calls() ? rows.start + rows.tokens : contract.context;
}

int64_t mask_slots(const Contract& contract, const Contract::Mask& mask, const Rows& rows) {
  const int64_t ring = ring_of(contract, mask);
  if (ring == 0) return mask_slots(contract, rows);
  if (contract.cache.slots == Contract::Slots::past_then_new) return ring + rows.tokens;
  return contract.has_flexible_calls() ? std::min(rows.start + rows.tokens, ring) : ring;
}

std::vector<float> make_mask(const Contract& contract, const Contract::Mask& mask, const Rows& rows) {
  const int64_t slots = mask_slots(contract, mask, rows);
  std::vector<float> out(static_cast<size_t>(rows.tokens * slots), static_cast<float>(contract.mask_value));
  const std::vector<Run> runs = runs_of(contract, rows, ring_of(contract, mask));
  for (int64_t i = 0; i < rows.tokens; ++i) {
    const int64_t position = rows.start + i;
    int64_t first = mask.window ? std::max<int64_t>(0, position - *mask.window + 1) : 0;
    if (i >= rows.used) first = position;
    float* row = out.data() + i * slots;
    for (const Run& run : runs) run.visit(first, position, [&](int64_t slot, int64_t) { row[slot] = 0; });
  }
  return out;
}

std::vector<float> make_distance(const Contract& contract, const Rows& rows) {
  const int64_t slots = mask_slots(contract, rows);
  std::vector<float> out(static_cast<size_t>(rows.tokens * slots), 0.0f);
  const std::vector<Run> runs = runs_of(contract, rows, 0);
  for (int64_t i = 0; i < rows.tokens; ++i) {
    const int64_t position = rows.start + i;
    float* row = out.data() + i * slots;
    for (const Run& run : runs) {
      run.visit(0, position, [&](int64_t slot, int64_t p) { row[slot] = static_cast<float>(p - position); });
    }
  }
  return out;
}

std::vector<float> make_row(const Rows& rows) {
  std::vector<float> out(static_cast<size_t>(rows.tokens), 0.0f);
  out[static_cast<size_t>(rows.used - 1)] = 1;
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
