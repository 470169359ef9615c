// A function as rules ask about it: who makes a value, who uses it, what is known before the run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mil/program.h"
#include "mil/typed.h"

namespace cortland::lint {

class Graph {
 public:
  // Keeps a reference to the function.
  explicit Graph(const mil::Function& function);

  const mil::Function& function() const { return *function_; }
  const std::vector<mil::Operation>& operations() const { return function_->operations; }
  const mil::ValueInfo& value(mil::ValueId id) const { return function_->value(id); }
  const mil::Type& type(mil::ValueId id) const { return value(id).type; }
  const Shape& shape(mil::ValueId id) const { return type(id).shape; }

  // nullptr: an input.
  const mil::Operation* producer(mil::ValueId id) const;
  // Operations in program order, each once; none for -1.
  const std::vector<const mil::Operation*>& users(mil::ValueId id) const;
  bool is_output(mil::ValueId id) const;
  // Made of constants alone.
  bool is_constant(mil::ValueId id) const { return is_constant_[static_cast<size_t>(id)]; }
  bool is_constant(const mil::Operation& operation) const;
  // Every value that is an operand.
  std::vector<mil::ValueId> operands(const mil::Operation& operation) const;
  // Of an operation with one result; -1 where it has none.
  static mil::ValueId result(const mil::Operation& operation);

  // The struct of an operation, or of what makes a value; nullopt for another op.
  template <mil::MilOp Op>
  std::optional<Op> as(const mil::Operation& operation) const {
    return mil::is<Op>(operation) ? mil::as<Op>(*function_, operation) : std::nullopt;
  }
  template <mil::MilOp Op>
  std::optional<Op> made_by(mil::ValueId id) const {
    const mil::Operation* operation = producer(id);
    return operation == nullptr ? std::nullopt : as<Op>(*operation);
  }

  // Whether there is control flow.
  bool has_blocks() const { return has_blocks_; }

  // Before this one no operation computes with floats: they look up, cast and move. End of the list: none computes.
  size_t first_computing() const { return first_computing_; }
  size_t index(const mil::Operation& operation) const { return static_cast<size_t>(&operation - operations().data()); }

  // Walks from `id` to what it is made of, as long as `passes` the operation that makes a value; `meet` gets every
  // value, that of the start too.
  void walk_back(mil::ValueId id, const std::function<bool(const mil::Operation&)>& passes,
                 const std::function<void(mil::ValueId)>& meet) const;
  // Whether a value that such a walk meets has the property.
  bool reaches(mil::ValueId id, const std::function<bool(const mil::Operation&)>& passes,
               const std::function<bool(mil::ValueId)>& holds) const;

  // "decode: layers_0_q (conv)", "decode: kv"
  std::string title(const mil::Operation& operation) const;
  std::string title(mil::ValueId id) const;
  // "conv": of an operation, or of what makes a value; empty for an input.
  std::string_view type_of(const mil::Operation& operation) const { return operation.type; }
  std::string_view type_of(mil::ValueId id) const;

 private:
  const mil::Function* function_;
  std::vector<std::vector<const mil::Operation*>> users_;  // by value
  std::vector<bool> is_constant_;                          // by value
  size_t first_computing_ = 0;
  bool has_blocks_ = false;
};

// Operations that only move or copy numbers.
bool is_layout(const mil::Operation& operation);
// gather and its kin.
bool is_lookup(const mil::Operation& operation);
bool is_parameter_given(const mil::Operation& operation, std::string_view parameter);

}  // namespace cortland::lint
