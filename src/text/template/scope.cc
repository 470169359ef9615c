#include "text/template/scope.h"

namespace cortland::text {

void Scope::set(Symbol name, Value value) {
  for (auto& [other, old] : variables_) {
    if (other == name) {
      old = std::move(value);
      return;
    }
  }
  variables_.emplace_back(name, std::move(value));
}

const Value* Scope::find(Symbol name, size_t& seen) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    seen += scope->size();
    for (const auto& [other, value] : scope->variables_) {
      if (other == name) return &value;
    }
  }
  return nullptr;
}

Scopes::Scopes() { stack_.push_back(&scopes_.emplace_back()); }

void Scopes::push(const Scope& outer) {
  if (free_.empty()) free_.push_back(&scopes_.emplace_back());
  stack_.push_back(free_.back());
  free_.pop_back();
  top().outer_ = &outer;
}

void Scopes::pop() {
  Scope& scope = top();
  stack_.pop_back();
  if (scope.is_kept_) return;
  scope.variables_.clear();
  free_.push_back(&scope);
}

const Scope& Scopes::keep() {
  // Scopes below one that is kept are kept already.
  for (Scope* scope = &top(); scope != nullptr && !scope->is_kept_; scope = const_cast<Scope*>(scope->outer_)) {
    scope->is_kept_ = true;
  }
  return top();
}

}  // namespace cortland::text
