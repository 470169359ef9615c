#include "host/past.h"

#include <algorithm>

namespace cortland::host {

Past::Past(const std::array<int64_t, 4>& shape)
    : planes_(static_cast<size_t>(shape[0] * shape[1])), slots_(static_cast<size_t>(shape[2])), width_(static_cast<size_t>(shape[3])),
      values_(planes_ * slots_ * width_, 0) {}

void Past::append(const Rows& rows, std::span<const uint16_t> columns) {
  const auto start = static_cast<size_t>(rows.start), tokens = static_cast<size_t>(rows.tokens);
  const size_t end = std::min(start + static_cast<size_t>(rows.used), slots_);
  if (end <= start) return;
  for (size_t plane = 0; plane < planes_; ++plane) {
    const uint16_t* from = columns.data() + plane * tokens * width_;
    std::copy_n(from, (end - start) * width_, values_.data() + (plane * slots_ + start) * width_);
  }
}

}  // namespace cortland::host
