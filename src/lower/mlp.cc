#include <cmath>

#include "lower/parts.h"
#include "mil/ops/elementwise.h"

namespace cortland {
namespace {

// p max(x, 0)^2 + n (exp(m) - m - 1) + b x, with m = min(x, 0).
mil::Value add_xielu(Graph& graph, size_t layer, const std::string& name, mil::Value x) {
  const auto value = [&](Role role) {
    return static_cast<double>(graph.weights.values({role, static_cast<int64_t>(layer)}).front());
  };
  const auto softplus = [](double v) { return std::log1p(std::exp(v)); };
  const double b = value(Role::xielu_b), p = softplus(value(Role::xielu_p)), n = b + softplus(value(Role::xielu_n));
  mil::Builder& builder = graph.builder;
  const mil::Value positive = builder.add(name + "_positive", mil::Relu{.x = x});
  const mil::Value square = graph.multiply(name + "_square", positive, positive);
  const mil::Value up = graph.multiply(name + "_up", square, graph.number(name + "_p", p));
  const mil::Value negative =
      builder.add(name + "_negative", mil::Minimum{.x = x, .y = graph.number(name + "_nothing", 0)});
  const mil::Value curve = builder.add(name + "_exp", mil::Exp{.x = negative});
  const mil::Value bent = builder.add(name + "_bent", mil::Sub{.x = curve, .y = negative});
  const mil::Value from_zero = graph.add(name + "_from_zero", bent, graph.minus_one());
  const mil::Value down = graph.multiply(name + "_down", from_zero, graph.number(name + "_n", n));
  const mil::Value line = graph.multiply(name + "_line", x, graph.number(name + "_b", b));
  return graph.add(name, graph.add(name + "_sum", up, down), line);
}

mil::Value activate(Graph& graph, size_t layer, const std::string& name, mil::Value x) {
  mil::Builder& b = graph.builder;
  switch (graph.layer(layer).mlp.activation) {
    case Activation::silu: return b.add(name, mil::Silu{.x = x});
    case Activation::gelu: return b.add(name, mil::Gelu{.x = x, .mode = "EXACT"});
    case Activation::gelu_tanh: return b.add(name, mil::Gelu{.x = x, .mode = "TANH_APPROXIMATION"});
    case Activation::relu: return b.add(name, mil::Relu{.x = x});
    case Activation::relu_squared: {
      const mil::Value positive = b.add(name + "_positive", mil::Relu{.x = x});
      return graph.multiply(name, positive, positive);
    }
    case Activation::xielu: return add_xielu(graph, layer, name, x);
  }
  return x;
}

}  // namespace

mil::Value lower_mlp(Graph& graph, size_t layer, mil::Value x) {
  const auto index = static_cast<int64_t>(layer);
  const MlpSpec& mlp = graph.layer(layer).mlp;
  const BranchScale scale = mlp_scale(graph, layer);
  const std::string active = layer_name(layer, "active");
  const auto up = [&] {
    return graph.linear(layer_name(layer, "up"), x, Role::up, index, {.scale = scale.input * scale.inner}, scale.inner);
  };
  mil::Value y;
  if (mlp.gated) {
    const mil::Value gate = graph.linear(layer_name(layer, "gate"), x, Role::gate, index, {.scale = scale.input}, 1);
    const mil::Value other = up();
    y = graph.multiply(layer_name(layer, "product"), activate(graph, layer, active, gate), other);
  } else {
    y = activate(graph, layer, active, up());
  }
  return graph.linear(layer_name(layer, "down"), y, Role::down, index, {.scale = scale.output}, scale.output_bias);
}

}  // namespace cortland
