// What one rendering may use. A template is a program of unknown origin: it must not run, grow or nest without end.
#pragma once

#include <cstddef>
#include <utility>

namespace cortland::text {

struct Limits {
  size_t steps = 20'000'000;      // nodes evaluated, and elements or 64 bytes of text handled by one of them
  size_t memory = 256u << 20;     // bytes of all values alive at once
  size_t output = 64u << 20;      // bytes of the prompt
  int depth = 400;                // expressions, statements and macro calls inside each other
  int value_depth = 100;          // lists and dicts inside each other
};

class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}
  const Limits& limits() const { return limits_; }

  // False when it is more than there is left.
  bool spend(size_t steps) {
    if (steps > limits_.steps - steps_) return false;
    steps_ += steps;
    return true;
  }
  bool fits(size_t bytes) const { return bytes <= limits_.memory - memory_; }
  void take(size_t bytes) { memory_ += bytes; }  // REQUIRES: fits(bytes)
  void give_back(size_t bytes) { memory_ -= bytes; }

 private:
  Limits limits_;
  size_t steps_ = 0;
  size_t memory_ = 0;
};

// Memory that is given back when its owner goes. Of nothing by default, as in the constants of a template.
class Charge {
 public:
  Charge() = default;
  // REQUIRES: budget.fits(bytes).
  Charge(Budget& budget, size_t bytes) : budget_(&budget), bytes_(bytes) { budget.take(bytes); }
  Charge(Charge&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge() {
    if (budget_ != nullptr) budget_->give_back(bytes_);
  }

 private:
  Budget* budget_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace cortland::text
