#include "base/parallel.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <thread>

namespace cortland {

ThreadLimit::ThreadLimit(int n) {
  const auto threads = n > 0 ? static_cast<size_t>(n) : std::max(1u, std::thread::hardware_concurrency());
  control_ = new tbb::global_control(tbb::global_control::max_allowed_parallelism, threads);
}

ThreadLimit::~ThreadLimit() { delete static_cast<tbb::global_control*>(control_); }

void parallel_for(size_t n, size_t grain, const std::function<void(size_t, size_t)>& body) {
  if (n <= grain) {
    if (n > 0) body(0, n);
    return;
  }
  // Ranges of whole grains: TBB itself would halve them once more.
  const size_t grains = (n + grain - 1) / grain;
  // Isolated: a thread that waits here takes no work from outside the loop, which might want a lock that it holds.
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(tbb::blocked_range<size_t>(0, grains), [&](const tbb::blocked_range<size_t>& range) {
      body(range.begin() * grain, std::min(n, range.end() * grain));
    });
  });
}

size_t grain_for(size_t multiplications) {
  constexpr size_t kLeastWork = 100'000;
  return std::max<size_t>(1, kLeastWork / std::max<size_t>(1, multiplications));
}

void ordered_pipeline(size_t n, size_t in_flight, const std::function<void(size_t, size_t)>& make,
                      const std::function<void(size_t, size_t)>& use) {
  size_t next = 0;
  // Items enter and leave in order and at most `in_flight` are inside, so i % in_flight is a free slot.
  tbb::parallel_pipeline(
      in_flight, tbb::make_filter<void, size_t>(tbb::filter_mode::serial_in_order,
                                                [&](tbb::flow_control& control) -> size_t {
                                                  if (next == n) control.stop();
                                                  return next == n ? 0 : next++;
                                                }) &
                     tbb::make_filter<size_t, size_t>(tbb::filter_mode::parallel,
                                                      [&](size_t i) {
                                                        make(i, i % in_flight);
                                                        return i;
                                                      }) &
                     tbb::make_filter<size_t, void>(tbb::filter_mode::serial_in_order,
                                                    [&](size_t i) { use(i, i % in_flight); }));
}

}  // namespace cortland
