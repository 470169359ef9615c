#include "quant/allocation.h"

#include <algorithm>

namespace cortland {
namespace {

// From one form of an item to another.
struct Step {
  size_t item, from, to;
  uint64_t bytes;  // more
  double gain;     // of error
  double rate() const { return gain / static_cast<double>(std::max<uint64_t>(bytes, 1)); }
};

Step step_between(std::span<const std::vector<Form>> items, size_t item, size_t from, size_t to) {
  const Form &a = items[item][from], &b = items[item][to];
  return {item, from, to, b.bytes > a.bytes ? b.bytes - a.bytes : 0, a.error - b.error};
}

// The steps along the hull of an item, their rates falling.
std::vector<Step> hull_steps(std::span<const std::vector<Form>> items, size_t item) {
  std::vector<Step> steps;
  for (size_t at = 0;;) {
    const Step* best = nullptr;
    Step candidate{};
    for (size_t to = 0; to < items[item].size(); ++to) {
      const Step step = step_between(items, item, at, to);
      if (items[item][to].bytes < items[item][at].bytes || !(step.gain > 0)) continue;
      if (best != nullptr && !(step.rate() > candidate.rate())) continue;
      candidate = step;
      best = &candidate;
    }
    if (best == nullptr) return steps;
    steps.push_back(candidate);
    at = candidate.to;
  }
}

}  // namespace

std::vector<size_t> allocate(std::span<const std::vector<Form>> items, uint64_t budget) {
  std::vector<size_t> chosen(items.size(), 0);
  std::vector<Step> steps;
  uint64_t left = budget;
  for (size_t item = 0; item < items.size(); ++item) {
    left -= items[item].front().bytes;
    for (const Step& step : hull_steps(items, item)) steps.push_back(step);
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.rate() > b.rate(); });
  for (const Step& step : steps) {
    if (chosen[step.item] != step.from || step.bytes > left) continue;
    chosen[step.item] = step.to;
    left -= step.bytes;
  }
  while (true) {
    Step best{.item = 0, .from = 0, .to = 0, .bytes = 0, .gain = 0};
    for (size_t item = 0; item < items.size(); ++item) {
      for (size_t to = 0; to < items[item].size(); ++to) {
        const Step step = step_between(items, item, chosen[item], to);
        if (step.bytes <= left && step.gain > best.gain) best = step;
      }
    }
    if (!(best.gain > 0)) return chosen;
    left += items[best.item][best.from].bytes;
    left -= items[best.item][best.to].bytes;
    chosen[best.item] = best.to;
  }
}

}  // namespace cortland
