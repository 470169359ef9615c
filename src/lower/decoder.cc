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
    const mil::Value seen = norm("pre_attention_norm", x, layer_.pre_attention_norm, Role::pre_attention_norm);
    x = add("after_attention", "attention_sum", x, attention(seen), layer_.attention_sum_norm, Role::attention_sum_norm);
    const mil::Value read = norm("pre_mlp_norm", x, layer_.pre_mlp_norm, Role::pre_mlp_norm);
    return add("out", "mlp_sum", x, mlp(read), layer_.mlp_sum_norm, Role::mlp_sum_norm);
  }

  mil::Value build_parallel(mil::Value x) {
    const mil::Value seen = norm("pre_attention_norm", x, layer_.pre_attention_norm, Role::pre_attention_norm);
    const mil::Value read = layer_.pre_mlp_norm ? norm("pre_mlp_norm", x, layer_.pre_mlp_norm, Role::pre_mlp_norm) : seen;
    // One after the other: compilers differ in which argument of a call they evaluate first.
    const mil::Value transformed = mlp(read);
    const mil::Value attended = attention(seen);
    const mil::Value branches = graph_.add(layer_name(index_, "branches"), attended, transformed);
    return graph_.add(layer_name(index_, "out"), x, branches);
  }

  mil::Value attention(mil::Value x) {
    return norm("post_attention_norm", lower_attention(graph_, index_, x), layer_.post_attention_norm,
                Role::post_attention_norm, layer_.branch_scale);
  }

  mil::Value mlp(mil::Value x) {
    return norm("post_mlp_norm", lower_mlp(graph_, index_, x), layer_.post_mlp_norm, Role::post_mlp_norm, layer_.branch_scale);
  }

  // x + branch, normed where the spec says so; the result has the first name.
  mil::Value add(std::string_view name, std::string_view sum_name, mil::Value x, mil::Value branch,
                 const std::optional<NormSpec>& spec, Role role) {
    const mil::Value sum = graph_.add(layer_name(index_, spec ? sum_name : name), x, branch);
    return norm(name, sum, spec, role);
  }

  mil::Value norm(std::string_view name, mil::Value x, const std::optional<NormSpec>& spec, Role role, double scale = 1) {
    if (!spec) return x;
    return lower_norm(graph_, layer_name(index_, name), x, graph_.channel_axis(), *spec, role, static_cast<int64_t>(index_), scale);
  }

  Graph& graph_;
  size_t index_;
  const LayerSpec& layer_;
};

}  // namespace

double branch_scale(const LayerSpec& layer, const std::optional<NormSpec>& post_norm) {
  return post_norm ? 1 : layer.branch_scale;
}

mil::Value lower_decoder(Graph& graph) {
  const ModelSpec& spec = graph.spec();
  const ModelPart& part = graph.part;
  mil::Value x = part.first_layer == 0 ? lower_embedding(graph) : graph.from_rows("x_in", graph.rows_in);
  // Behind the lookups, which come before everything that computes.
  if (part.has_layers() && graph.plan.has_alibi()) add_alibi(graph);
  for (size_t i = part.first_layer; i < part.end_layer; ++i) x = LayerBuilder(graph, i).build(x);
  if (!part.has_head) return x;
  if (graph.row) x = lower_row(graph, x);
  // What multiplies the logits multiplies the last norm: so a tied head keeps the table of the embedding.
  const double scale = spec.logit_scale;
  if (spec.final_norm) {
    return lower_norm(graph, "final_norm", x, graph.channel_axis(), *spec.final_norm, Role::final_norm, -1, scale);
  }
  return scale == 1 ? x : graph.multiply("final_scaled", x, graph.number("final_scale", scale));
}

}  // namespace cortland
