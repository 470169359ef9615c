#include "hub/backoff.h"

#include <algorithm>
#include <random>

namespace cortland {

std::optional<std::chrono::milliseconds> Backoff::next(uint64_t received, std::optional<int64_t> retry_after) {
  if (received >= received_ + kProgress) failures_ = 0;
  received_ = std::max(received_, received);
  if (++failures_ >= kTries) return std::nullopt;
  if (retry_after) {
    if (*retry_after > kMostRetryAfter.count()) return std::nullopt;
    return std::chrono::seconds(std::max<int64_t>(*retry_after, 0));
  }
  const auto longest = std::min(kLongest, kFirst * (1 << (failures_ - 1)));
  static thread_local std::minstd_rand random(std::random_device{}());
  return longest / 2 +
         std::chrono::milliseconds(std::uniform_int_distribution<int64_t>(0, longest.count() / 2)(random));
}

}  // namespace cortland
