#include "host/past.h"

#include <algorithm>

namespace cortland::host {

Past::Past(const std::array<int64_t, 4>& shape, int64_t limit)
    : planes_(static_cast<size_t>(shape[0] * shape[1])),
      slots_(static_cast<size_t>(shape[2])),
      width_(static_cast<size_t>(shape[3])),
      limit_(static_cast<size_t>(limit)),
      values_(planes_ * slots_ * width_, 0) {}

void Past::append(const Rows& rows, std::span<const uint16_t> columns) {
  const auto start = static_cast<size_t>(rows.start), tokens = static_cast<size_t>(rows.tokens);
  const size_t end = std::min(start + static_cast<size_t>(rows.used), limit_);
  for (size_t plane = 0; plane < planes_; ++plane) {
    const uint16_t* from = columns.data() + plane * tokens * width_;
    // Up to the end of the slots, and from the first one on.
    for (size_t p = start; p < end;) {
      const size_t slot = p % slots_, count = std::min(end - p, slots_ - slot);
      std::copy_n(from + (p - start) * width_, count * width_, values_.data() + (plane * slots_ + slot) * width_);
      p += count;
    }
  }
}

}  // namespace cortland::host
