#include "quant/allocation.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace cortland {
namespace {

using Items = std::vector<std::vector<Form>>;

double error_of(const Items& items, const std::vector<size_t>& chosen) {
  double sum = 0;
  for (size_t i = 0; i < items.size(); ++i) sum += items[i][chosen[i]].error;
  return sum;
}

uint64_t bytes_of(const Items& items, const std::vector<size_t>& chosen) {
  uint64_t sum = 0;
  for (size_t i = 0; i < items.size(); ++i) sum += items[i][chosen[i]].bytes;
  return sum;
}

// The least error of all choices within a budget.
double least_error(const Items& items, uint64_t budget) {
  double best = std::numeric_limits<double>::infinity();
  std::vector<size_t> chosen(items.size(), 0);
  while (true) {
    if (bytes_of(items, chosen) <= budget) best = std::min(best, error_of(items, chosen));
    size_t i = 0;
    while (i < chosen.size() && ++chosen[i] == items[i].size()) chosen[i++] = 0;
    if (i == chosen.size()) return best;
  }
}

// Four forms of five items: each has more bytes and less error than the one before, by any amounts.
Items random_items(uint64_t seed) {
  std::mt19937_64 random(seed);
  Items items(5);
  for (auto& forms : items) {
    forms.push_back({10 + random() % 30, 100 + static_cast<double>(random() % 1000)});
    for (int i = 0; i < 3; ++i) {
      forms.push_back({forms.back().bytes + 1 + random() % 40,
                       forms.back().error * (0.1 + 0.8 * static_cast<double>(random() % 1000) / 1000)});
    }
  }
  return items;
}

TEST(Allocation, SpendsEveryBudgetAsWellAsCanBe) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const Items items = random_items(seed);
    uint64_t smallest = 0, widest = 0;
    for (const auto& forms : items) {
      smallest += forms.front().bytes;
      for (size_t i = 1; i < forms.size(); ++i) widest = std::max(widest, forms.back().bytes - forms.front().bytes);
    }
    double before = std::numeric_limits<double>::infinity();
    for (uint64_t budget = smallest; budget < smallest + 650; budget += 13) {
      const std::vector<size_t> chosen = allocate(items, budget);
      const uint64_t spent = bytes_of(items, chosen);
      EXPECT_LE(spent, budget);
      const double error = error_of(items, chosen), best = least_error(items, budget);
      // What does not fit may be one item's: never as bad as the best of a budget that is smaller by that item.
      EXPECT_LE(error, least_error(items, std::max(smallest, budget - std::min(budget - smallest, widest))))
          << seed << " at " << budget;
      EXPECT_GE(error, best);
      before = std::min(before, error);
    }
    EXPECT_EQ(before, least_error(items, std::numeric_limits<uint64_t>::max())) << seed;
  }
}

// Where the steps of the hull fill a budget, nothing is better.
TEST(Allocation, IsOptimalWhereStepsFit) {
  int full = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Items items = random_items(seed);
    for (auto& forms : items) {
      for (size_t i = 1; i < forms.size(); ++i) {
        forms[i] = {forms[i - 1].bytes + 8, forms[i - 1].error * 0.4};  // convex, equal steps
      }
    }
    const uint64_t smallest = bytes_of(items, std::vector<size_t>(items.size(), 0));
    for (uint64_t budget = smallest; budget <= smallest + 15 * 8; budget += 8, ++full) {
      EXPECT_NEAR(error_of(items, allocate(items, budget)), least_error(items, budget), 1e-9)
          << seed << " at " << budget;
    }
  }
  EXPECT_EQ(full, 160);
}

TEST(Allocation, AFormThatIsNoBetterIsNotTaken) {
  const Items items{{{10, 5}, {20, 5}, {30, 6}}, {{10, 1}}};
  EXPECT_EQ(allocate(items, 1000), (std::vector<size_t>{0, 0}));
}

// A step of the hull that no longer fits gives way to a smaller one that does.
TEST(Allocation, TheRestIsSpentToo) {
  const Items items{{{10, 100}, {14, 90}, {20, 10}}};
  EXPECT_EQ(allocate(items, 19), (std::vector<size_t>{1}));
  EXPECT_EQ(allocate(items, 20), (std::vector<size_t>{2}));
  EXPECT_EQ(allocate(items, 13), (std::vector<size_t>{0}));
}

}  // namespace
}  // namespace cortland
