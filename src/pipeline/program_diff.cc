#include "pipeline/program_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/sha256.h"
#include "interp/constants.h"
#include "mil/fields.h"
#include "mil/ops/state.h"
#include "pipeline/alignment.h"

namespace cortland {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

// What an operation reads: a value that is computed or comes in, a number or a few, or a weight.
struct Operand {
  enum class Kind { value, literal, weight };
  Kind kind = Kind::value;
  mil::ValueId id = -1;  // of a value or a weight
  std::optional<mil::Literal> literal;
};

// Literals of different length can look alike when they are cut.
std::string literal_key(const mil::Literal& literal) {
  const std::string_view bytes(reinterpret_cast<const char*>(literal.bytes.data()), literal.bytes.size());
  return fmt::format("{}{} {} {}", name_of(literal.dtype), mil::to_string(literal.shape), literal.text(),
                     sha256_of(bytes));
}

// One side of the comparison.
class Side {
 public:
  explicit Side(const mil::Function& function) : function_(function) {
    for (const mil::Operation& operation : function.operations) {
      if (!makes_constants(operation)) operations_.push_back(&operation);
    }
  }

  const mil::Function& function() const { return function_; }
  const std::vector<const mil::Operation*>& operations() const { return operations_; }

  Operand operand(const mil::Binding& binding) const {
    Operand out;
    const auto* id = std::get_if<mil::ValueId>(&binding);
    if (id != nullptr) out.id = *id;
    out.literal = mil::constant_of(function_, binding);
    const bool is_small = out.literal && (!is_float(out.literal->dtype) || element_count(out.literal->shape) <= 1);
    const bool is_constant = id != nullptr && is_constant_value(*id);
    if (id == nullptr || is_small) {
      out.kind = Operand::Kind::literal;
    } else if (is_constant) {
      out.kind = Operand::Kind::weight;
    }
    return out;
  }

  // What an operation is, but for names and the values of weights; `type` alone when that is all that counts.
  std::string key(const mil::Operation& operation) const {
    std::string key = operation.type;
    for (const auto* list : {&operation.inputs, &operation.attributes}) {
      for (const mil::Argument& argument : *list) {
        key += " " + argument.name + "=";
        for (const mil::Binding& binding : argument.bindings) key += key_of(operand(binding)) + ",";
      }
    }
    for (const mil::ValueId id : operation.outputs) key += " " + mil::to_string(function_.value(id).type);
    return key;
  }

  std::string name(const mil::Operation& operation) const {
    return operation.outputs.empty() ? operation.name : function_.value(operation.outputs.front()).name;
  }

  bool touches_state(const mil::Operation& operation) const {
    return std::any_of(operation.inputs.begin(), operation.inputs.end(), [&](const mil::Argument& argument) {
      return std::any_of(argument.bindings.begin(), argument.bindings.end(), [&](const mil::Binding& binding) {
        const auto* id = std::get_if<mil::ValueId>(&binding);
        return id != nullptr && function_.value(*id).type.is_state;
      });
    });
  }

  // The weights that operations read, each once, in order.
  std::vector<mil::ValueId> weights() const {
    std::vector<mil::ValueId> list;
    std::set<mil::ValueId> seen;
    for (const mil::Operation* operation : operations_) {
      for (const auto* arguments : {&operation->inputs, &operation->attributes}) {
        for (const mil::Argument& argument : *arguments) {
          for (const mil::Binding& binding : argument.bindings) {
            const Operand o = operand(binding);
            if (o.kind == Operand::Kind::weight && seen.insert(o.id).second) list.push_back(o.id);
          }
        }
      }
    }
    return list;
  }

 private:
  bool is_constant_value(mil::ValueId id) const {
    const int32_t producer = function_.value(id).producer;
    return producer >= 0 && makes_constants(function_.operations[static_cast<size_t>(producer)]);
  }
  std::string key_of(const Operand& operand) const {
    switch (operand.kind) {
      case Operand::Kind::value: return "%";
      case Operand::Kind::weight: return "weight " + mil::to_string(function_.value(operand.id).type);
      case Operand::Kind::literal: return operand.literal ? literal_key(*operand.literal) : "blob";
    }
    return "";
  }

  const mil::Function& function_;
  std::vector<const mil::Operation*> operations_;
};

const mil::Argument* find_argument(const mil::Operation& operation, const std::string& name) {
  for (const auto* list : {&operation.inputs, &operation.attributes}) {
    const auto it = std::find_if(list->begin(), list->end(), [&](const mil::Argument& a) { return a.name == name; });
    if (it != list->end()) return &*it;
  }
  return nullptr;
}

class Comparison {
 public:
  Comparison(const mil::Function& first, const mil::Function& second) : first_(first), second_(second) {}

  FunctionDiff run() {
    diff_.first_operations = first_.operations().size();
    diff_.second_operations = second_.operations().size();
    partner_.assign(diff_.first_operations, kNone);
    taken_.assign(diff_.second_operations, false);
    for (const mil::ValueId id : first_.function().inputs) {
      const mil::ValueId other = second_.function().find_value(first_.function().value(id).name);
      if (other >= 0) counterpart_[id] = other;
    }
    match_by_key();
    match_moved();
    match_by_type();
    report();
    return std::move(diff_);
  }

 private:
  static std::vector<int32_t> numbered(std::map<std::string, int32_t>& numbers, const std::vector<std::string>& keys) {
    std::vector<int32_t> list;
    for (const std::string& key : keys) {
      list.push_back(numbers.emplace(key, static_cast<int32_t>(numbers.size())).first->second);
    }
    return list;
  }

  void pair(size_t i, size_t j) {
    partner_[i] = j;
    taken_[j] = true;
    const mil::Operation &a = *first_.operations()[i], &b = *second_.operations()[j];
    for (size_t k = 0; k < std::min(a.outputs.size(), b.outputs.size()); ++k) counterpart_[a.outputs[k]] = b.outputs[k];
  }

  void match_by_key() {
    const auto keys = [](const Side& side) {
      std::vector<std::string> list;
      for (const mil::Operation* operation : side.operations()) list.push_back(side.key(*operation));
      return list;
    };
    first_keys_ = keys(first_);
    second_keys_ = keys(second_);
    std::map<std::string, int32_t> numbers;
    const std::vector<int32_t> a = numbered(numbers, first_keys_), b = numbered(numbers, second_keys_);
    for (const auto& [i, j] : align(a, b)) pair(i, j);
  }

  // What reads the same values and has the same key is the same operation wherever it stands, unless it touches a
  // state, where the order means something.
  void match_moved() {
    std::multimap<std::string, size_t> free;
    for (size_t j = 0; j < taken_.size(); ++j) {
      if (!taken_[j] && !second_.touches_state(*second_.operations()[j])) free.emplace(second_keys_[j], j);
    }
    for (size_t i = 0; i < partner_.size(); ++i) {
      if (partner_[i] != kNone) continue;
      const auto [begin, end] = free.equal_range(first_keys_[i]);
      const auto it = std::find_if(begin, end, [&](const auto& entry) { return differences(i, entry.second).empty(); });
      if (it == end) continue;
      pair(i, it->second);
      free.erase(it);
      ++diff_.moved;
    }
  }

  // What is left between two pairs, by type.
  void match_by_type() {
    size_t i = 0, j = 0;
    while (i < partner_.size() || j < taken_.size()) {
      std::vector<size_t> left, right;
      for (; i < partner_.size() && partner_[i] == kNone; ++i) left.push_back(i);
      for (; j < taken_.size() && !taken_[j]; ++j) right.push_back(j);
      std::map<std::string, int32_t> numbers;
      const auto types = [&](const Side& side, const std::vector<size_t>& list) {
        std::vector<std::string> names;
        for (const size_t at : list) names.push_back(side.operations()[at]->type);
        return numbered(numbers, names);
      };
      const std::vector<int32_t> a = types(first_, left), b = types(second_, right);
      for (const auto& [k, l] : align(a, b)) pairs_by_type_.emplace_back(left[k], right[l]);
      i += i < partner_.size() ? 1 : 0;
      j += j < taken_.size() ? 1 : 0;
    }
    for (const auto& [k, l] : pairs_by_type_) pair(k, l);
  }

  bool reads_same(const Operand& a, const Operand& b) const {
    if (a.kind != b.kind) return false;
    if (a.kind == Operand::Kind::literal) return a.literal == b.literal;
    if (a.kind == Operand::Kind::weight) return true;  // weights are compared by value
    const auto it = counterpart_.find(a.id);
    return it != counterpart_.end() && it->second == b.id;
  }

  static std::string text(const Operand& operand) {
    switch (operand.kind) {
      case Operand::Kind::value: return "a value";
      case Operand::Kind::weight: return "a weight";
      case Operand::Kind::literal: return operand.literal ? operand.literal->text() : "a blob";
    }
    return "";
  }

  std::string argument_change(const mil::Argument& a, const mil::Argument& b) const {
    if (a.bindings.size() != b.bindings.size()) {
      return fmt::format("{} -> {} values", a.bindings.size(), b.bindings.size());
    }
    for (size_t k = 0; k < a.bindings.size(); ++k) {
      const Operand x = first_.operand(a.bindings[k]), y = second_.operand(b.bindings[k]);
      if (reads_same(x, y)) continue;
      if (x.kind == Operand::Kind::value && y.kind == Operand::Kind::value) return "another value";
      return fmt::format("{} -> {}", text(x), text(y));
    }
    return "";
  }

  std::vector<std::string> differences(size_t i, size_t j) const {
    const mil::Operation &a = *first_.operations()[i], &b = *second_.operations()[j];
    std::vector<std::string> what;
    const auto visit = [&](const mil::Operation& from, const mil::Operation& to, bool is_first) {
      for (const auto* list : {&from.inputs, &from.attributes}) {
        for (const mil::Argument& argument : *list) {
          const mil::Argument* other = find_argument(to, argument.name);
          if (other == nullptr) {
            what.push_back(fmt::format("{}: only in the {}", argument.name, is_first ? "first" : "second"));
          }
          if (other == nullptr || !is_first) continue;
          const std::string change = argument_change(argument, *other);
          if (!change.empty()) what.push_back(fmt::format("{}: {}", argument.name, change));
        }
      }
    };
    visit(a, b, true);
    visit(b, a, false);
    if (a.outputs.size() != b.outputs.size()) {
      what.push_back(fmt::format("results: {} -> {}", a.outputs.size(), b.outputs.size()));
    }
    for (size_t k = 0; k < std::min(a.outputs.size(), b.outputs.size()); ++k) {
      const mil::Type &x = first_.function().value(a.outputs[k]).type, &y = second_.function().value(b.outputs[k]).type;
      if (x != y) what.push_back(fmt::format("result: {} -> {}", mil::to_string(x), mil::to_string(y)));
    }
    if (a.has_blocks || b.has_blocks) what.emplace_back("control flow, which is not compared");
    return what;
  }

  void report() {
    for (size_t i = 0; i < partner_.size(); ++i) {
      const mil::Operation& a = *first_.operations()[i];
      if (partner_[i] == kNone) {
        diff_.changes.push_back({OperationChange::Kind::only_first, a.type, first_.name(a), "", {}});
        continue;
      }
      const mil::Operation& b = *second_.operations()[partner_[i]];
      std::vector<std::string> what = differences(i, partner_[i]);
      if (what.empty()) {
        ++diff_.same;
      } else {
        diff_.changes.push_back(
            {OperationChange::Kind::changed, a.type, first_.name(a), second_.name(b), std::move(what)});
      }
      pair_weights(a, b);
    }
    for (size_t j = 0; j < taken_.size(); ++j) {
      const mil::Operation& b = *second_.operations()[j];
      if (!taken_[j]) diff_.changes.push_back({OperationChange::Kind::only_second, b.type, "", second_.name(b), {}});
    }
    report_outputs();
    add_lone_weights();
  }

  void report_outputs() {
    const mil::Function &a = first_.function(), &b = second_.function();
    for (const mil::ValueId id : a.outputs) {
      const std::string& name = a.value(id).name;
      const auto is_named = [&](mil::ValueId other) { return b.value(other).name == name; };
      const auto other = std::find_if(b.outputs.begin(), b.outputs.end(), is_named);
      if (other == b.outputs.end()) continue;  // the interface tells
      const auto it = counterpart_.find(id);
      if (it == counterpart_.end() || it->second != *other) diff_.outputs.push_back(name);
    }
  }

  void pair_weights(const mil::Operation& a, const mil::Operation& b) {
    for (const auto* list : {&a.inputs, &a.attributes}) {
      for (const mil::Argument& argument : *list) {
        const mil::Argument* other = find_argument(b, argument.name);
        if (other == nullptr) continue;
        for (size_t k = 0; k < std::min(argument.bindings.size(), other->bindings.size()); ++k) {
          const Operand x = first_.operand(argument.bindings[k]), y = second_.operand(other->bindings[k]);
          if (x.kind != Operand::Kind::weight || y.kind != Operand::Kind::weight) continue;
          if (!seen_pairs_.insert({x.id, y.id}).second) continue;
          paired_first_.insert(x.id);
          paired_second_.insert(y.id);
          diff_.weights.emplace_back(x.id, y.id);
        }
      }
    }
  }

  void add_lone_weights() {
    std::map<std::string, mil::ValueId> by_name;
    for (const mil::ValueId id : second_.weights()) {
      if (paired_second_.count(id) == 0) by_name[second_.function().value(id).name] = id;
    }
    for (const mil::ValueId id : first_.weights()) {
      if (paired_first_.count(id) != 0) continue;
      const auto it = by_name.find(first_.function().value(id).name);
      diff_.weights.emplace_back(id, it == by_name.end() ? -1 : it->second);
      if (it != by_name.end()) by_name.erase(it);
    }
    for (const auto& [name, id] : by_name) diff_.weights.emplace_back(-1, id);
  }

  Side first_, second_;
  FunctionDiff diff_;
  std::vector<std::string> first_keys_, second_keys_;
  std::vector<size_t> partner_;  // of each operation of the first; kNone: none
  std::vector<bool> taken_;      // of the second
  std::vector<std::pair<size_t, size_t>> pairs_by_type_;
  std::map<mil::ValueId, mil::ValueId> counterpart_;
  std::set<std::pair<mil::ValueId, mil::ValueId>> seen_pairs_;
  std::set<mil::ValueId> paired_first_, paired_second_;
};

}  // namespace

FunctionDiff diff_functions(const mil::Function& first, const mil::Function& second) {
  return Comparison(first, second).run();
}

}  // namespace cortland
