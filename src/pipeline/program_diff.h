// Two functions side by side: which operation of the one is which of the other, whatever values are called and however
// weights are stored.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mil/program.h"

namespace cortland {

struct OperationChange {
  enum class Kind { changed, only_first, only_second };
  Kind kind = Kind::changed;
  std::string type;               // of the operation
  std::string first, second;      // names of its result; empty where it is not
  std::vector<std::string> what;  // "scale: 0.5 -> 1", "x: another value", "result: fp16[1, 8] -> fp16[1, 16]"
};

struct FunctionDiff {
  size_t first_operations = 0, second_operations = 0;  // without constants
  size_t same = 0;   // that differ in nothing but weights
  size_t moved = 0;  // those of them that stand elsewhere in the order, without touching a state
  std::vector<OperationChange> changes;
  std::vector<std::string> outputs;  // that are made by another operation
  // Weights: constants with more than one floating number, or in a weight file. Those of one pair are read by the same
  // parameter of the same operation, or, where there is no such operation, have the same name; -1: there is no other.
  std::vector<std::pair<mil::ValueId, mil::ValueId>> weights;

  bool is_equal() const { return changes.empty() && outputs.empty(); }
};

// Operations are aligned by type, parameters and types of results, then by type alone. What they read is compared by
// the alignment. Control flow, whose inside is not held, counts as a change.
FunctionDiff diff_functions(const mil::Function& first, const mil::Function& second);

}  // namespace cortland
