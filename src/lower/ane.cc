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
constexpr const char* kState = "kv";
constexpr const char* kDecode = "decode";
constexpr const char* kPrefill = "prefill";
constexpr const char* kLogits = "logits";
constexpr const char* kHidden = "hidden";

// What a masked score gets added: far below every score, and finite, so that no row turns into NaN.
constexpr double kMaskValue = -10000.0;

void add_inputs(Graph& graph) {
  mil::Builder& b = graph.builder;
  const int64_t tokens = graph.tokens;
  graph.ids = b.input(kIds, {DType::i32, {1, tokens}});
  graph.position = b.input(kPosition, {DType::i32, {1}});
  for (const MaskInput& mask : graph.plan.masks) {
    graph.masks.push_back(b.input(mask.name, {DType::f16, {1, 1, tokens, graph.plan.context}}));
  }
  for (size_t i = 0; i < graph.plan.ropes.size(); ++i) {
    const auto width = 2 * static_cast<int64_t>(graph.spec().rope_tables[i].inv_freq.size());
    graph.cos.push_back(b.input(graph.plan.ropes[i].cos, {DType::f16, {1, 1, tokens, width}}));
    graph.sin.push_back(b.input(graph.plan.ropes[i].sin, {DType::f16, {1, 1, tokens, width}}));
  }
  graph.state = b.input(kState, {DType::f16, graph.plan.cache_shape(), true});
}

// Values that every layer uses, computed once.
void add_shared_values(Graph& graph) {
  mil::Builder& b = graph.builder;
  const mil::Value count =
      b.constant("token_count", mil::Literal::of(std::vector<int32_t>{static_cast<int32_t>(graph.tokens)}));
  graph.position_end = b.add("position_end", mil::Add{.x = graph.position, .y = count});
  graph.minus_one = b.constant("minus_one", mil::Literal::of(mil::Scalar{-1, DType::f16}));
  const AttentionSpec& a = graph.spec().layers.front().attention;
  const int64_t group = a.heads / a.kv_heads;
  if (graph.tokens == 1 || group == 1) return;
  // Queries of one group lie below each other, each T rows: so must the masks.
  for (size_t i = 0; i < graph.masks.size(); ++i) {
    graph.masks[i] = b.add(graph.plan.masks[i].name + "_groups",
                           mil::Tile{.x = graph.masks[i], .reps = {1, 1, static_cast<int32_t>(group), 1}});
  }
}

mil::Value add_branch(Graph& graph, const std::string& name, mil::Value x, mil::Value branch) {
  return graph.builder.add(name, mil::Add{.x = x, .y = branch});
}

mil::Value lower_layer(Graph& graph, size_t index, mil::Value x) {
  constexpr size_t kChannels = 1;
  const LayerSpec& layer = graph.layer(index);
  const auto i = static_cast<int64_t>(index);
  const auto norm = [&](std::string_view what, mil::Value value, const std::optional<NormSpec>& spec, Role gain) {
    return spec ? lower_norm(graph, layer_name(index, what), value, kChannels, *spec, gain, i) : value;
  };
  mil::Value branch = norm("pre_attention_norm", x, layer.pre_attention_norm, Role::pre_attention_norm);
  branch = lower_attention(graph, index, branch);
  branch = norm("post_attention_norm", branch, layer.post_attention_norm, Role::post_attention_norm);
  x = add_branch(graph, layer_name(index, "after_attention"), x, branch);
  branch = norm("pre_mlp_norm", x, layer.pre_mlp_norm, Role::pre_mlp_norm);
  branch = lower_mlp(graph, index, branch);
  branch = norm("post_mlp_norm", branch, layer.post_mlp_norm, Role::post_mlp_norm);
  return add_branch(graph, layer_name(index, "out"), x, branch);
}

mil::Function lower_function(const AnePlan& plan, const Weights& weights, WeightReport& report, const char* name,
                             int64_t tokens) {
  Graph graph{.plan = plan,
              .weights = weights,
              .report = report,
              .builder = mil::Builder(name, plan.opset),
              .tokens = tokens};
  add_inputs(graph);
  add_shared_values(graph);
  mil::Value x = lower_embedding(graph);
  for (size_t i = 0; i < plan.spec->layers.size(); ++i) x = lower_layer(graph, i, x);
  x = lower_norm(graph, "final_norm", x, 1, plan.spec->final_norm, Role::final_norm, -1);
  if (name == kDecode) {
    graph.builder.output(lower_head(graph, x), kLogits);
  } else {
    // No head: the last prompt token goes through decode.
    const mil::Value flat = graph.builder.add("final_channels", mil::Squeeze{.x = x, .axes = std::vector<int32_t>{2}});
    graph.builder.output(graph.transpose("final_rows", flat, {0, 2, 1}), kHidden);
  }
  return graph.builder.finish();
}

}  // namespace

mil::Program lower_ane(const AnePlan& plan, const Weights& weights, WeightReport& report) {
  mil::Program program;
  program.functions.push_back(lower_function(plan, weights, report, kDecode, 1));
  program.functions.push_back(lower_function(plan, weights, report, kPrefill, plan.prefill));
  return program;
}

std::string ane_contract(const AnePlan& plan) {
  const ModelSpec& spec = *plan.spec;
  OrderedJson masks = OrderedJson::array(), ropes = OrderedJson::array();
  for (const MaskInput& mask : plan.masks) {
    masks.push_back({{"name", mask.name}, {"window", mask.window ? OrderedJson(*mask.window) : OrderedJson(nullptr)}});
  }
  for (size_t i = 0; i < plan.ropes.size(); ++i) {
    ropes.push_back({{"cos", plan.ropes[i].cos},
                     {"sin", plan.ropes[i].sin},
                     {"inv_freq", spec.rope_tables[i].inv_freq},
                     {"attention_factor", spec.rope_tables[i].attention_factor}});
  }
  const OrderedJson contract = {
      {"version", 1},
      {"profile", "ane"},
      {"context", plan.context},
      {"vocabulary", spec.vocabulary},
      {"functions",
       {{{"name", kDecode}, {"role", "decode"}, {"tokens", 1}},
        {{"name", kPrefill}, {"role", "prefill"}, {"tokens", plan.prefill}}}},
      {"ids", kIds},
      {"position", kPosition},
      {"logits", kLogits},
      {"hidden", kHidden},
      {"mask", {{"value", kMaskValue}, {"inputs", masks}}},
      {"rope", ropes},
      {"cache", {{"kind", "state"}, {"names", {kState}}, {"slots", "position"}}},
      {"embedding", "graph"},
      {"parts", OrderedJson::array()},
      {"bos", spec.bos ? OrderedJson(*spec.bos) : OrderedJson(nullptr)},
      {"eos", spec.eos}};
  return contract.dump();
}

}  // namespace cortland
