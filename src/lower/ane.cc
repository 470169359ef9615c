#include "lower/ane.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"

namespace cortland {
namespace {

constexpr const char* kIds = "input_ids";
constexpr const char* kPosition = "position";
constexpr const char* kDistance = "distance";
constexpr const char* kRow = "row";
constexpr const char* kDecode = "decode";
constexpr const char* kPrefill = "prefill";
constexpr const char* kMain = "main";
constexpr const char* kLogits = "logits";
constexpr const char* kHidden = "hidden";

// What a masked score gets added: far below every score, and finite, so that no row turns into NaN.
constexpr double kMaskValue = -10000.0;

// A state is written at the position, and a table of positions is read there. Nothing else asks, and an input that nothing
// uses makes a package invalid.
bool needs_position(const AnePlan& plan) { return plan.target.has_states || plan.spec->position_rows > 0; }

void add_inputs(Graph& graph) {
  mil::Builder& b = graph.builder;
  const int64_t tokens = graph.tokens;
  graph.ids = b.input(kIds, {DType::i32, {1, tokens}});
  if (needs_position(graph.plan)) graph.position = b.input(kPosition, {DType::i32, {1}});
  for (const MaskInput& mask : graph.plan.masks) {
    graph.masks.push_back(b.input(mask.name, {DType::f16, {1, 1, tokens, graph.plan.context}}));
  }
  for (size_t i = 0; i < graph.plan.ropes.size(); ++i) {
    const auto width = 2 * static_cast<int64_t>(graph.plan.ropes[i].table.inv_freq.size());
    graph.cos.push_back(b.input(graph.plan.ropes[i].cos, {DType::f16, {1, 1, tokens, width}}));
    graph.sin.push_back(b.input(graph.plan.ropes[i].sin, {DType::f16, {1, 1, tokens, width}}));
  }
  if (graph.plan.has_alibi()) graph.distance = b.input(kDistance, {DType::f16, {1, 1, tokens, graph.plan.context}});
  if (graph.plan.target.has_states) {
    graph.cache = add_state_cache(graph);
  } else {
    graph.row = b.input(kRow, {DType::f16, {1, 1, 1, tokens}});
    graph.cache = add_explicit_cache(graph);
  }
}

// Values that every layer uses, computed once.
void add_shared_values(Graph& graph) {
  mil::Builder& b = graph.builder;
  graph.minus_one = b.constant("minus_one", mil::Literal::of(mil::Scalar{-1, DType::f16}));
  const AttentionSpec& a = graph.spec().layers.front().attention;
  const int64_t group = a.heads / a.kv_heads;
  if (graph.tokens > 1 && group > 1) {
    // Queries of one group lie below each other, each T rows: so must what is added to their scores.
    const auto tile = [&](const std::string& name, mil::Value x) {
      return b.add(name + "_groups", mil::Tile{.x = x, .reps = {1, 1, static_cast<int32_t>(group), 1}});
    };
    for (size_t i = 0; i < graph.masks.size(); ++i) graph.masks[i] = tile(graph.plan.masks[i].name, graph.masks[i]);
    if (graph.plan.has_alibi()) graph.distance = tile(kDistance, graph.distance);
  }
  if (graph.plan.has_alibi()) add_alibi(graph);
}

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
    const mil::Value branches = graph_.add(layer_name(index_, "branches"), attention(seen), mlp(read));
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
    constexpr size_t kChannels = 1;
    return spec ? lower_norm(graph_, layer_name(index_, name), x, kChannels, *spec, role, static_cast<int64_t>(index_), scale) : x;
  }

  Graph& graph_;
  size_t index_;
  const LayerSpec& layer_;
};

// What multiplies the logits multiplies the last norm: so a tied head keeps the table of the embedding.
mil::Value add_final_norm(Graph& graph, mil::Value x) {
  const ModelSpec& spec = graph.spec();
  if (spec.final_norm) return lower_norm(graph, "final_norm", x, 1, *spec.final_norm, Role::final_norm, -1, spec.logit_scale);
  return spec.logit_scale == 1 ? x : graph.multiply("final_scaled", x, graph.number("final_scale", spec.logit_scale));
}

// The ends of a function, from the residual stream behind the last layer.
void end_with_logits(Graph& graph, mil::Value x) {
  graph.builder.output(lower_head(graph, add_final_norm(graph, x)), kLogits);
}

// No head: the last prompt token goes through decode.
void end_with_hidden(Graph& graph, mil::Value x) {
  const mil::Value normed = add_final_norm(graph, x);
  const mil::Value flat = graph.builder.add("final_channels", mil::Squeeze{.x = normed, .axes = std::vector<int32_t>{2}});
  graph.builder.output(graph.transpose("final_rows", flat, {0, 2, 1}), kHidden);
}

void end_with_logits_of_row(Graph& graph, mil::Value x) { end_with_logits(graph, lower_row(graph, x)); }

struct FunctionPlan {
  const char* name;
  int64_t tokens;  // T
  void (*end)(Graph& graph, mil::Value x);
};

mil::Function lower_function(const AnePlan& plan, const Weights& weights, WeightReport& report, const FunctionPlan& function) {
  Graph graph{.plan = plan,
              .weights = weights,
              .report = report,
              .builder = mil::Builder(function.name, plan.target.opset),
              .tokens = function.tokens};
  add_inputs(graph);
  add_shared_values(graph);
  mil::Value x = lower_embedding(graph);
  for (size_t i = 0; i < plan.spec->layers.size(); ++i) x = LayerBuilder(graph, i).build(x);
  function.end(graph, x);
  graph.cache->add_outputs(graph);
  return graph.builder.finish();
}

std::vector<FunctionPlan> functions_of(const AnePlan& plan) {
  if (!plan.target.has_states) return {{kMain, plan.prefill, end_with_logits_of_row}};
  return {{kDecode, 1, end_with_logits}, {kPrefill, plan.prefill, end_with_hidden}};
}

// The parts of the contract that depend on where the cache lies.
OrderedJson cache_contract(const AnePlan& plan) {
  if (plan.target.has_states) return {{"kind", "state"}, {"names", {kState}}, {"slots", "position"}};
  return {{"kind", "explicit"},
          {"names", {kPastKeys, kPastValues}},
          {"new_names", {kNewKeys, kNewValues}},
          {"shape", plan.past_shape()},
          {"slots", "past_then_new"}};
}

}  // namespace

double branch_scale(const LayerSpec& layer, const std::optional<NormSpec>& post_norm) {
  return post_norm ? 1 : layer.branch_scale;
}

mil::Program lower_ane(const AnePlan& plan, const Weights& weights, WeightReport& report) {
  mil::Program program;
  for (const FunctionPlan& function : functions_of(plan)) {
    program.functions.push_back(lower_function(plan, weights, report, function));
  }
  return program;
}

std::string ane_contract(const AnePlan& plan) {
  const ModelSpec& spec = *plan.spec;
  OrderedJson functions = OrderedJson::array(), masks = OrderedJson::array(), ropes = OrderedJson::array();
  // The role of a function is its name.
  for (const auto& [name, tokens, end] : functions_of(plan)) {
    functions.push_back({{"name", name}, {"role", name}, {"tokens", tokens}});
  }
  for (const MaskInput& mask : plan.masks) {
    masks.push_back({{"name", mask.name}, {"window", mask.window ? OrderedJson(*mask.window) : OrderedJson(nullptr)}});
  }
  for (size_t i = 0; i < plan.ropes.size(); ++i) {
    ropes.push_back({{"cos", plan.ropes[i].cos},
                     {"sin", plan.ropes[i].sin},
                     {"inv_freq", plan.ropes[i].table.inv_freq},
                     {"attention_factor", plan.ropes[i].table.attention_factor}});
  }
  OrderedJson contract = {{"version", 1},
                          {"profile", "ane"},
                          {"context", plan.context},
                          {"vocabulary", spec.vocabulary},
                          {"functions", functions},
                          {"ids", kIds}};
  if (needs_position(plan)) contract["position"] = kPosition;
  contract["logits"] = kLogits;
  contract[plan.target.has_states ? "hidden" : "row"] = plan.target.has_states ? kHidden : kRow;
  contract["mask"] = {{"value", kMaskValue}, {"inputs", masks}};
  contract["rope"] = ropes;
  contract["cache"] = cache_contract(plan);
  contract["embedding"] = "graph";
  contract["parts"] = OrderedJson::array();
  contract["bos"] = spec.bos ? OrderedJson(*spec.bos) : OrderedJson(nullptr);
  contract["eos"] = spec.eos;
  if (plan.has_alibi()) contract["distance"] = kDistance;
  return contract.dump();
}

}  // namespace cortland
