#include "lint/graph.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/error.h"
#include "lint/foreign_ops.h"
#include "mil/ops/constant.h"
#include "mil/ops/convert.h"
#include "mil/ops/index.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

// Of a float result that is not constant: looked up, cast or read, not computed.
bool is_computing(const Graph& graph, const mil::Operation& operation) {
  if (operation.outputs.empty() || graph.is_constant(operation) || is_layout(operation)) return false;
  if (!is_float(graph.type(operation.outputs.front()).dtype)) return false;
  return !is_lookup(operation) && !mil::is<mil::Cast>(operation) && !mil::is<mil::ReadState>(operation);
}

}  // namespace

Graph::Graph(const mil::Function& function)
    : function_(&function), users_(function.values.size()), is_constant_(function.values.size()) {
  for (const mil::Operation& operation : operations()) {
    has_blocks_ = has_blocks_ || operation.has_blocks;
    const std::vector<mil::ValueId> ids = operands(operation);
    for (const mil::ValueId id : ids) {
      auto& list = users_[static_cast<size_t>(id)];
      if (list.empty() || list.back() != &operation) list.push_back(&operation);
    }
    const bool is_weight = mil::is<mil::Const>(operation) || operation.type.starts_with(mil::kConstexprPrefix);
    const bool is_made_of_constants =
        !ids.empty() && std::all_of(ids.begin(), ids.end(), [&](mil::ValueId id) { return is_constant(id); });
    for (const mil::ValueId id : operation.outputs) {
      is_constant_[static_cast<size_t>(id)] = is_weight || is_made_of_constants;
    }
  }
  const auto first = std::find_if(operations().begin(), operations().end(),
                                  [&](const mil::Operation& o) { return is_computing(*this, o); });
  first_computing_ = static_cast<size_t>(first - operations().begin());
}

const mil::Operation* Graph::producer(mil::ValueId id) const {
  const int32_t index = value(id).producer;
  return index < 0 ? nullptr : &operations()[static_cast<size_t>(index)];
}

const std::vector<const mil::Operation*>& Graph::users(mil::ValueId id) const {
  static const std::vector<const mil::Operation*> none;
  return id < 0 ? none : users_[static_cast<size_t>(id)];
}

bool Graph::is_output(mil::ValueId id) const {
  return std::find(function_->outputs.begin(), function_->outputs.end(), id) != function_->outputs.end();
}

bool Graph::is_constant(const mil::Operation& operation) const {
  return !operation.outputs.empty() && is_constant(operation.outputs.front());
}

std::vector<mil::ValueId> Graph::operands(const mil::Operation& operation) const {
  std::vector<mil::ValueId> ids;
  for (const auto* list : {&operation.inputs, &operation.attributes}) {
    for (const mil::Argument& argument : *list) {
      for (const mil::Binding& binding : argument.bindings) {
        if (const auto* id = std::get_if<mil::ValueId>(&binding)) ids.push_back(*id);
      }
    }
  }
  return ids;
}

mil::ValueId Graph::result(const mil::Operation& operation) {
  return operation.outputs.empty() ? -1 : operation.outputs.front();
}

void Graph::walk_back(mil::ValueId id, const std::function<bool(const mil::Operation&)>& passes,
                      const std::function<void(mil::ValueId)>& meet) const {
  std::unordered_set<mil::ValueId> seen;
  std::vector<mil::ValueId> open{id};
  while (!open.empty()) {
    const mil::ValueId at = open.back();
    open.pop_back();
    if (!seen.insert(at).second) continue;
    meet(at);
    const mil::Operation* operation = producer(at);
    if (operation == nullptr || !passes(*operation)) continue;
    const std::vector<mil::ValueId> ids = operands(*operation);
    open.insert(open.end(), ids.rbegin(), ids.rend());
  }
}

bool Graph::reaches(mil::ValueId id, const std::function<bool(const mil::Operation&)>& passes,
                    const std::function<bool(mil::ValueId)>& holds) const {
  bool found = false;
  walk_back(id, passes, [&](mil::ValueId at) { found = found || holds(at); });
  return found;
}

std::string Graph::title(const mil::Operation& operation) const {
  const mil::ValueId id = result(operation);
  const std::string& name = operation.name.empty() && id >= 0 ? value(id).name : operation.name;
  return fmt::format("{}: {} ({})", printable(function_->name), printable(name), printable(operation.type));
}

std::string Graph::title(mil::ValueId id) const {
  const mil::Operation* operation = producer(id);
  return operation != nullptr ? title(*operation)
                              : fmt::format("{}: {}", printable(function_->name), printable(value(id).name));
}

std::string_view Graph::type_of(mil::ValueId id) const {
  const mil::Operation* operation = producer(id);
  return operation != nullptr ? std::string_view(operation->type) : std::string_view();
}

bool is_layout(const mil::Operation& operation) {
  static constexpr std::array<std::string_view, 12> kNames = {
      mil::Identity::kName, mil::Reshape::kName,      mil::Transpose::kName,   mil::ExpandDims::kName,
      mil::Squeeze::kName,  mil::Concat::kName,       mil::Tile::kName,        mil::Pad::kName,
      mil::Split::kName,    mil::SliceByIndex::kName, mil::SliceBySize::kName, mil::SliceUpdate::kName};
  return std::find(kNames.begin(), kNames.end(), operation.type) != kNames.end();
}

bool is_lookup(const mil::Operation& operation) {
  return mil::is<mil::Gather>(operation) || operation.type == kGatherAlongAxis || operation.type == kGatherNd;
}

bool is_parameter_given(const mil::Operation& operation, std::string_view parameter) {
  return std::any_of(operation.inputs.begin(), operation.inputs.end(),
                     [&](const mil::Argument& argument) { return argument.name == parameter; });
}

}  // namespace cortland::lint
