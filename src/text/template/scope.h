// Variables by name. A scope sees those of the scopes around it; setting one hides theirs.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "text/template/value.h"

namespace cortland::text {

using Symbol = uint32_t;  // index into the names of a Program

class Scope {
 public:
  // Leaves a variable of that name in a scope around it as it is.
  void set(Symbol name, Value value);
  // nullptr when neither it nor one around it has the variable. Adds to `seen` how many others it came across.
  const Value* find(Symbol name, size_t& seen) const;
  size_t size() const { return variables_.size(); }

 private:
  friend class Scopes;

  const Scope* outer_ = nullptr;
  bool is_kept_ = false;
  std::vector<std::pair<Symbol, Value>> variables_;
};

// All scopes of a rendering, the innermost on top. A macro may outlive the scope that it stands in and still see it.
class Scopes {
 public:
  Scopes();
  Scope& top() { return *stack_.back(); }
  Scope& root() { return *stack_.front(); }
  // Inside the scope on top, or inside another one.
  void push() { push(top()); }
  void push(const Scope& outer);
  void pop();
  // The scope on top and those around it stay as they are until the end.
  const Scope& keep();

 private:
  std::deque<Scope> scopes_;
  std::vector<Scope*> stack_;
  std::vector<Scope*> free_;
};

}  // namespace cortland::text
