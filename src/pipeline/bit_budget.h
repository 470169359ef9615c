// --target-bpw: bits beyond those of a preset, where they help most.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "lower/weight_payload.h"
#include "pipeline/progress.h"
#include "quant/allocation.h"
#include "quant/policy.h"

namespace cortland {

// What the weights of a program could be stored as. Weights that come from one tensor share its form.
class BitBudget {
 public:
  // Encodes every matrix in every form that the policy allows it, to measure the errors: those of a matrix relative to
  // what it gives (EncodedMatrix::measure()), times how much a weight in its place counts. Matrices that a rule of the
  // policy names or that keep their codes are left out. The report, of a program under this policy, and what it refers
  // to must outlive this. Errors: as RowSource::read().
  BitBudget(const WeightReport& report, const WeightPolicy& policy, Progress& progress);

  // Forms for tensors, so that the weights take at most `extra` bytes more than under the policy alone.
  std::vector<KeepRule> spend(uint64_t extra) const;

 private:
  struct Item {
    std::string tensor;
    std::vector<Scheme> schemes;  // of all forms but the first, which is that of the policy
  };
  std::vector<Item> items_;
  std::vector<std::vector<Form>> forms_;  // by item
};

// The rules that bring a package to at most `budget` bytes of weights; weight_bytes(rules) is what they take on disk,
// and is asked for these rules last. REQUIRES: without rules they are within the budget.
std::vector<KeepRule> fit_budget(const BitBudget& forms, uint64_t budget,
                                 const std::function<uint64_t(const std::vector<KeepRule>&)>& weight_bytes);

}  // namespace cortland
