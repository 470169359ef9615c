#include <cmath>

#include "lower/parts.h"

namespace cortland {
namespace {

// One layer while it is built.
class LayerBuilder {
 public:
  LayerBuilder(Graph& graph, size_t index) : graph_(graph), index_(index), layer_(graph.layer(index)) {}

  mil::Value build(mil::Value x) {
    return layer_.parallel ? build_parallel(x) : build_sequence(x);
  }

 private:
  mil::Value build_sequence(mil::Value x) {
    const mil::Value seen =
        norm("pre_attention_norm", x, layer_.pre_attention_norm, Role::pre_attention_norm, at(attention_.source));
    x = add("after_attention", "attention_sum", x, attention(seen), layer_.attention_sum_norm, Role::attention_sum_norm,
            attention_);
    const mil::Value read = norm("pre_mlp_norm", x, layer_.pre_mlp_norm, Role::pre_mlp_norm, at(mlp_.source));
    return add("out", "mlp_sum", x, mlp(read), layer_.mlp_sum_norm, Role::mlp_sum_norm, mlp_);
  }

  mil::Value build_parallel(mil::Value x) {
    const int exponent = at(attention_.source);
    const mil::Value seen =
        norm("pre_attention_norm", x, layer_.pre_attention_norm, Role::pre_attention_norm, exponent);
    const mil::Value read =
        layer_.pre_mlp_norm ? norm("pre_mlp_norm", x, layer_.pre_mlp_norm, Role::pre_mlp_norm, exponent) : seen;
    // One after the other: compilers differ in which argument of a call they evaluate first.
    const mil::Value transformed = mlp(read);
    const mil::Value attended = attention(seen);
    const mil::Value branches = graph_.add(layer_name(index_, "branches"), attended, transformed);
    return graph_.add(layer_name(index_, "out"), moved("out", x, mlp_), branches);
  }

  int at(size_t place) const { return graph_.plan.rescale.at(place); }

  // The stream as the addition wants it.
  mil::Value moved(std::string_view name, mil::Value x, const BranchPlaces& places) {
    return graph_.rescale(layer_name(index_, fmt::format("{}_rescaled", name)), x,
                          at(places.target) - at(places.source));
  }

  mil::Value attention(mil::Value x) {
    return norm("post_attention_norm", lower_attention(graph_, index_, x), layer_.post_attention_norm,
                Role::post_attention_norm, graph_.plan.rescale.layer(index_).attention_output,
                std::ldexp(layer_.branch_scale, -at(attention_.target)));
  }

  mil::Value mlp(mil::Value x) {
    return norm("post_mlp_norm", lower_mlp(graph_, index_, x), layer_.post_mlp_norm, Role::post_mlp_norm,
                graph_.plan.rescale.layer(index_).mlp_output, std::ldexp(layer_.branch_scale, -at(mlp_.target)));
  }

  // x + branch, normed where the spec says so; the result has the first name.
  mil::Value add(std::string_view name, std::string_view sum_name, mil::Value x, mil::Value branch,
                 const std::optional<NormSpec>& spec, Role role, const BranchPlaces& places) {
    const mil::Value sum = graph_.add(layer_name(index_, spec ? sum_name : name), moved(name, x, places), branch);
    return norm(name, sum, spec, role, at(places.target), std::ldexp(1.0, -at(places.target)));
  }

  // Of what is times 2^-exponent.
  mil::Value norm(std::string_view name, mil::Value x, const std::optional<NormSpec>& spec, Role role, int exponent,
                  double scale = 1) {
    if (!spec) return x;
    return lower_norm(graph_, layer_name(index_, name), x, graph_.channel_axis(), rescaled(*spec, exponent), role,
                      static_cast<int64_t>(index_), scale);
  }

  Graph& graph_;
  size_t index_;
  const LayerSpec& layer_;
  BranchPlaces attention_ = attention_places(graph_.spec(), index_), mlp_ = mlp_places(graph_.spec(), index_);
};

// Of a branch that reads and adds at these places; `inner` and `behind`: exponents of value or up, and of what the last
// layer reads.
BranchScale branch_scale(const Graph& graph, const BranchPlaces& places, bool has_norm,
                         const std::optional<NormSpec>& post_norm, double model_scale, int inner, int behind,
                         int output) {
  const Rescale& rescale = graph.plan.rescale;
  const int left = post_norm ? output : rescale.at(places.target);
  const double bias = std::ldexp(post_norm ? 1 : model_scale, -left);
  return {.input = has_norm ? 1 : std::ldexp(1.0, rescale.at(places.source)),
          .inner = std::ldexp(1.0, -inner),
          .output = std::ldexp(bias, behind),
          .output_bias = bias};
}

}  // namespace

BranchScale attention_scale(const Graph& graph, size_t index) {
  const LayerSpec& layer = graph.layer(index);
  const Rescale::Layer exponents = graph.plan.rescale.layer(index);
  return branch_scale(graph, attention_places(graph.spec(), index), has_attention_norm(layer),
                      layer.post_attention_norm, layer.branch_scale, exponents.value, exponents.value,
                      exponents.attention_output);
}

BranchScale mlp_scale(const Graph& graph, size_t index) {
  const LayerSpec& layer = graph.layer(index);
  const Rescale::Layer exponents = graph.plan.rescale.layer(index);
  return branch_scale(graph, mlp_places(graph.spec(), index), has_mlp_norm(layer), layer.post_mlp_norm,
                      layer.branch_scale, exponents.up, exponents.up * activation_degree(layer.mlp),
                      exponents.mlp_output);
}

mil::Value lower_decoder(Graph& graph) {
  const ModelSpec& spec = graph.spec();
  const ModelPart& part = graph.part;
  mil::Value x = part.first_layer == 0
                     ? graph.rescale("embedding_rescaled", lower_embedding(graph), graph.plan.rescale.at(0))
                     : graph.from_rows("x_in", graph.rows_in);
  // Behind the lookups, which come before everything that computes.
  if (part.has_layers() && graph.plan.has_alibi()) add_alibi(graph);
  for (size_t i = part.first_layer; i < part.end_layer; ++i) x = LayerBuilder(graph, i).build(x);
  if (!part.has_head) return x;
  if (graph.row) x = lower_row(graph, x);
  // What multiplies the logits multiplies the last norm: so a tied head keeps the table of the embedding.
  const int exponent = graph.plan.rescale.at(2 * spec.layers.size());
  if (spec.final_norm) {
    return lower_norm(graph, "final_norm", x, graph.channel_axis(), rescaled(*spec.final_norm, exponent),
                      Role::final_norm, -1, spec.logit_scale);
  }
  const double scale = std::ldexp(spec.logit_scale, exponent);
  return scale == 1 ? x : graph.multiply("final_scaled", x, graph.number("final_scale", scale));
}

}  // namespace cortland
