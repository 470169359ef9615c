// A template that was read: what to do, and with which names. Never changes, so many threads may render it at once.
#pragma once

#include <memory>
#include <vector>

#include "text/template/scope.h"
#include "text/template/value.h"

namespace cortland::text {

struct Call;
class Runtime;

// How a block ended: in a loop, by one of its controls.
enum class Flow { next, leave_loop, next_iteration };

struct Node {
  int line = 0;
  int height = 1;  // of the tree below it

  virtual ~Node() = default;
};

struct Expression : Node {
  // nullptr for all other forms.
  virtual const Call* as_call() const { return nullptr; }
  virtual Value evaluate(Runtime& runtime) const = 0;
};

struct Statement : Node {
  virtual Flow render(Runtime& runtime) const = 0;
};

using ExpressionPointer = std::unique_ptr<const Expression>;
using StatementPointer = std::unique_ptr<const Statement>;
using Block = std::vector<StatementPointer>;

struct Program {
  Block body;
  std::vector<TextPointer> names;  // of variables, by Symbol
};

}  // namespace cortland::text
