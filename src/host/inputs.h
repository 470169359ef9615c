// The numbers that a host gives to a call: masks and rotary tables.
#pragma once

#include <cstdint>
#include <vector>

#include "host/contract.h"

namespace cortland::host {

// The rows of one call: row i stands at position start + i; rows from `used` on only pad the chunk.
struct Rows {
  int64_t start = 0;
  int64_t tokens = 0;  // T
  int64_t used = 0;    // 1 to T
};

// How many slots a mask without a window tells about: S, or with flexible calls the k = start + T that are in use
// afterwards. One with a window too, but for a ring.
int64_t mask_slots(const Contract& contract, const Rows& rows);
// The slots of a mask: as above, or those of the ring: all, with flexible calls those in use afterwards, or, where the
// host keeps the cache, R + T.
int64_t mask_slots(const Contract& contract, const Contract::Mask& mask, const Rows& rows);

// mask [T, slots]: 0 where row i may see a slot, contract.mask_value elsewhere. A padding row sees its own slot only.
std::vector<float> make_mask(const Contract& contract, const Contract::Mask& mask, const Rows& rows);

// distance [T, S or k]: j - p of the position j of a slot and the position p of row i where the slot is not later, 0
// elsewhere.
std::vector<float> make_distance(const Contract& contract, const Rows& rows);

// row [T]: 1 at the last row that counts, 0 elsewhere.
std::vector<float> make_row(const Rows& rows);

// cos [T, R] = [c, c] and sin [T, R] = [-s, s] of angle = position * inv_freq, times the attention factor.
struct RopeRows {
  std::vector<float> cos, sin;
};
RopeRows make_rope(const Contract::Rope& rope, const Rows& rows);

}  // namespace cortland::host
