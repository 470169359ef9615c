#include "lint/subject.h"

#include <algorithm>

#include "mil/ops/linear.h"

namespace cortland::lint {

namespace {

template <typename Rows>
auto find_row(const Rows& rows, const Graph& graph, mil::ValueId input) -> decltype(rows.data()) {
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.function == graph.function().name && row.input == graph.value(input).name;
  });
  return it == rows.end() ? nullptr : &*it;
}

}  // namespace

Subject::Subject(const Package& package, const Options& options)
    : package_(&package), options_(options), contract_(contract_of(package)) {
  for (const mil::Function& function : package.program.functions) {
    graphs_.emplace_back(function);
    for (const mil::ValueId id : function.inputs) {
      if (function.value(id).type.is_state) states_.emplace(function.value(id).name, function.value(id).type);
    }
  }
}

std::optional<host::Contract> contract_of(const Package& package) {
  const auto it = package.metadata.find(std::string(host::kContractKey));
  if (it == package.metadata.end()) return std::nullopt;
  auto contract = host::parse_contract(it->second);
  return contract ? std::optional(std::move(*contract)) : std::nullopt;
}

const InputRange* Subject::range(const Graph& graph, mil::ValueId input) const {
  return find_row(package_->ranges, graph, input);
}

const InputChoices* Subject::choices(const Graph& graph, mil::ValueId input) const {
  return find_row(package_->choices, graph, input);
}

uint64_t stored_bytes(const Graph& graph, mil::ValueId id) {
  uint64_t sum = 0;
  const auto passes = [](const mil::Operation&) { return true; };
  graph.walk_back(id, passes, [&](mil::ValueId at) {
    const mil::Operation* operation = graph.producer(at);
    if (operation == nullptr) return;
    for (const auto* list : {&operation->inputs, &operation->attributes}) {
      for (const mil::Argument& argument : *list) {
        for (const mil::Binding& binding : argument.bindings) {
          if (const auto* payload = std::get_if<mil::PayloadPtr>(&binding)) sum += (*payload)->size_bytes();
        }
      }
    }
  });
  return sum;
}

std::optional<mil::ValueId> weight_of(const Graph& graph, const mil::Operation& operation) {
  std::optional<mil::ValueId> weight;
  if (const auto conv = graph.as<mil::Conv>(operation)) weight = conv->weight.id;
  if (const auto linear = graph.as<mil::Linear>(operation)) weight = linear->weight.id;
  if (const auto matmul = graph.as<mil::Matmul>(operation)) {
    weight = graph.is_constant(matmul->y.id) ? matmul->y.id : matmul->x.id;
  }
  return weight && graph.is_constant(*weight) ? weight : std::nullopt;
}

}  // namespace cortland::lint
