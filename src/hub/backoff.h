// How long to wait before the next try, and when to give up.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace cortland {

class Backoff {
 public:
  static constexpr int kTries = 5;
  static constexpr std::chrono::milliseconds kFirst{500}, kLongest{30'000};
  static constexpr std::chrono::seconds kMostRetryAfter{120};
  static constexpr uint64_t kProgress = 1 << 20;  // bytes that make up for the failures before them

  // A try has failed after `received` bytes in all. Doubles from kFirst, half of it at random so that many programs do
  // not come back at once; a server that names a time (`retry_after`, seconds) gets at least that. nullopt: no more
  // tries.
  std::optional<std::chrono::milliseconds> next(uint64_t received, std::optional<int64_t> retry_after);

  int failures() const { return failures_; }

 private:
  int failures_ = 0;
  uint64_t received_ = 0;  // the most so far
};

}  // namespace cortland
