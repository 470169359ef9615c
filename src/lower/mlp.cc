#include "lower/parts.h"
#include "mil/ops/elementwise.h"

namespace cortland {
namespace {

mil::Value activate(Graph& graph, const std::string& name, mil::Value x, Activation activation) {
  switch (activation) {
    case Activation::silu: return graph.builder.add(name, mil::Silu{.x = x});
  }
  return x;
}

}  // namespace

mil::Value lower_mlp(Graph& graph, size_t layer, mil::Value x) {
  const auto index = static_cast<int64_t>(layer);
  const mil::Value gate = graph.linear(layer_name(layer, "gate"), x, Role::gate, index);
  const mil::Value up = graph.linear(layer_name(layer, "up"), x, Role::up, index);
  const mil::Value active = activate(graph, layer_name(layer, "active"), gate, graph.layer(layer).mlp.activation);
  const mil::Value product = graph.builder.add(layer_name(layer, "product"), mil::Mul{.x = active, .y = up});
  return graph.linear(layer_name(layer, "down"), product, Role::down, index);
}

}  // namespace cortland
