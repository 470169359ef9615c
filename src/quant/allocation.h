// Which of several forms each item of a set gets, so that together they fit a budget and err least.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cortland {

struct Form {
  uint64_t bytes = 0;
  double error = 0;
};

// For each item the index of its form. Greedy: step by step what lowers the error most for each byte, along the lower
// convex hull of an item's forms, so that the sum of errors is the least that so many bytes can have until a step no
// longer fits; what is then left goes to the best single changes that fit. Ties go to the first item. REQUIRES: every
// item has a form, its first one is its smallest, and those together fit the budget.
std::vector<size_t> allocate(std::span<const std::vector<Form>> items, uint64_t budget);

}  // namespace cortland
