// Keys, or values, of a conversation that the host keeps, for packages whose cache is explicit.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "host/contract.h"
#include "host/inputs.h"

namespace cortland::host {

// fp16 [L, K', slots, E'], as the bits of each element; slot j holds position j, or, in a ring, the newest position p
// with p % slots == j. To go back to an earlier position needs no change: masks hide what lies behind, and the next
// calls write over it. What a ring has lost the session knows.
class Past {
 public:
  // Zeros of a shape [L, K', slots, E']. Positions from `limit` on, S-T, are not kept.
  Past(const std::array<int64_t, 4>& shape, int64_t limit);

  std::span<const uint16_t> values() const { return values_; }

  // Takes over what a call gave, fp16 [L, K', T, E']. Rows that pad are left out, and so are those from the limit on,
  // which later calls compute again.
  void append(const Rows& rows, std::span<const uint16_t> columns);

 private:
  size_t planes_, slots_, width_;  // L * K', slots, E'
  size_t limit_;
  std::vector<uint16_t> values_;
};

}  // namespace cortland::host
