// Loops over several threads. Results never depend on their number.
#pragma once

#include <cstddef>
#include <functional>

namespace cortland {

// Limits every loop below to `n` threads as long as it lives; 0 = one per core.
class ThreadLimit {
 public:
  explicit ThreadLimit(int n);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  void* control_;
};

// Calls body(begin, end) on disjoint ranges that cover [0, n); each range has at least `grain` items but the last.
void parallel_for(size_t n, size_t grain, const std::function<void(size_t begin, size_t end)>& body);

// The grain for items of so many multiplications each: to wake another thread takes as long as many thousands.
size_t grain_for(size_t multiplications);

// A bucket of `make(i)` on many threads, then `use(i)` on one thread at a time in the order 0, 1, ... n-1.
// At most `in_flight` items are between make and use. An exception in either stops the pipeline and is rethrown.
void ordered_pipeline(size_t n, size_t in_flight, const std::function<void(size_t i, size_t slot)>& make,
                      const std::function<void(size_t i, size_t slot)>& use);

}  // namespace cortland
