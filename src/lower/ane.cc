#include "lower/ane.h"

#include "lower/contract.h"
#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"

namespace cortland {
namespace {

constexpr const char* kIds = "input_ids";
constexpr const char* kPosition = "position";
constexpr const char* kDistance = "distance";
constexpr const char* kState = "kv";
constexpr const char* kDecode = "decode";
constexpr const char* kPrefill = "prefill";
constexpr const char* kLogits = "logits";
constexpr const char* kHidden = "hidden";

void add_inputs(Graph& graph, const AnePlan& plan) {
  mil::Builder& b = graph.builder;
  const int64_t tokens = graph.tokens;
  graph.ids = b.input(kIds, {DType::i32, {1, tokens}});
  graph.position = b.input(kPosition, {DType::i32, {1}});
  for (const MaskInput& mask : graph.plan.masks) {
    graph.masks.push_back(b.input(mask.name, {DType::f16, {1, 1, tokens, graph.plan.context}}));
  }
  for (size_t i = 0; i < graph.plan.ropes.size(); ++i) {
    const auto width = 2 * static_cast<int64_t>(graph.plan.ropes[i].table.inv_freq.size());
    graph.cos.push_back(b.input(graph.plan.ropes[i].cos, {DType::f16, {1, 1, tokens, width}}));
    graph.sin.push_back(b.input(graph.plan.ropes[i].sin, {DType::f16, {1, 1, tokens, width}}));
  }
  if (graph.plan.has_alibi()) graph.distance = b.input(kDistance, {DType::f16, {1, 1, tokens, graph.plan.context}});
  graph.state = b.input(kState, {DType::f16, plan.cache_shape(), true});
}

// Values that every layer uses, computed once.
void add_shared_values(Graph& graph) {
  mil::Builder& b = graph.builder;
  const mil::Value count =
      b.constant("token_count", mil::Literal::of(std::vector<int32_t>{static_cast<int32_t>(graph.tokens)}));
  graph.position_end = b.add("position_end", mil::Add{.x = graph.position, .y = count});
  graph.minus_one = b.constant("minus_one", mil::Literal::of(mil::Scalar{-1, DType::f16}));
  group_masks(graph);
  if (!graph.plan.has_alibi()) return;
  const AttentionSpec& a = graph.spec().layers.front().attention;
  const int64_t group = a.heads / a.kv_heads;
  if (graph.tokens > 1 && group > 1) {
    const mil::Tile tile{.x = graph.distance, .reps = {1, 1, static_cast<int32_t>(group), 1}};
    graph.distance = b.add(std::string(kDistance) + "_groups", tile);
  }
  add_alibi(graph);
}

mil::Function lower_function(const AnePlan& plan, const Weights& weights, WeightStore& store, WeightReport& report, const char* name,
                             int64_t tokens) {
  Graph graph{.plan = plan,
              .weights = weights,
              .store = store,
              .report = report,
              .builder = mil::Builder(name, plan.opset),
              .tokens = tokens,
              .cache = lower_ane_cache};
  add_inputs(graph, plan);
  add_shared_values(graph);
  const mil::Value x = lower_decoder(graph);
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
  WeightStore store(weights, plan, report);
  program.functions.push_back(lower_function(plan, weights, store, report, kDecode, 1));
  program.functions.push_back(lower_function(plan, weights, store, report, kPrefill, plan.prefill));
  return program;
}

std::string ane_contract(const AnePlan& plan) {
  OrderedJson ropes = OrderedJson::array();
  for (const RopeInput& rope : plan.ropes) {
    ropes.push_back({{"cos", rope.cos},
                     {"sin", rope.sin},
                     {"inv_freq", rope.table.inv_freq},
                     {"attention_factor", rope.table.attention_factor}});
  }
  OrderedJson contract = begin_contract(plan, "ane");
  contract["functions"] = {{{"name", kDecode}, {"role", "decode"}, {"tokens", 1}},
                           {{"name", kPrefill}, {"role", "prefill"}, {"tokens", plan.prefill}}};
  contract["ids"] = kIds;
  contract["position"] = kPosition;
  contract["logits"] = kLogits;
  contract["hidden"] = kHidden;
  contract["mask"] = mask_contract(plan);
  contract["rope"] = ropes;
  contract["cache"] = {{"kind", "state"}, {"names", {kState}}, {"slots", "position"}};
  end_contract(plan, contract);
  if (plan.has_alibi()) contract["distance"] = kDistance;
  return contract.dump();
}

}  // namespace cortland
