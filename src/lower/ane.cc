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
constexpr const char* kRow = "row";
constexpr const char* kDecode = "decode";
constexpr const char* kPrefill = "prefill";
constexpr const char* kMain = "main";
constexpr const char* kLogits = "logits";
constexpr const char* kHidden = "hidden";

// A state is written at the position, and a table of positions is read there. Nothing else asks, and an input that nothing
// uses makes a package invalid.
bool needs_position(const AnePlan& plan) { return plan.target.has_states || plan.spec->position_rows > 0; }

void add_inputs(Graph& graph, const AnePlan& plan) {
  mil::Builder& b = graph.builder;
  const int64_t tokens = graph.tokens;
  graph.ids = b.input(kIds, {DType::i32, {1, tokens}});
  if (needs_position(plan)) graph.position = b.input(kPosition, {DType::i32, {1}});
  for (const MaskInput& mask : graph.plan.masks) {
    graph.masks.push_back(b.input(mask.name, {DType::f16, {1, 1, tokens, graph.plan.context}}));
  }
  for (size_t i = 0; i < graph.plan.ropes.size(); ++i) {
    const auto width = 2 * static_cast<int64_t>(graph.plan.ropes[i].table.inv_freq.size());
    graph.cos.push_back(b.input(graph.plan.ropes[i].cos, {DType::f16, {1, 1, tokens, width}}));
    graph.sin.push_back(b.input(graph.plan.ropes[i].sin, {DType::f16, {1, 1, tokens, width}}));
  }
  if (graph.plan.has_alibi()) graph.distance = b.input(kDistance, {DType::f16, {1, 1, tokens, graph.plan.context}});
  if (plan.target.has_states) {
    graph.cache = add_state_cache(graph, plan.cache_shape());
  } else {
    graph.row = b.input(kRow, {DType::f16, {1, 1, 1, tokens}});
    graph.cache = add_explicit_cache(graph, plan.past_shape());
  }
}

// Values that every layer uses, computed once. Integers come before everything else: islands of them in the middle of a function
// are known to cost more.
void add_shared_values(Graph& graph) {
  mil::Builder& b = graph.builder;
  if (graph.plan.target.has_states) {
    const mil::Value count =
        b.constant("token_count", mil::Literal::of(std::vector<int32_t>{static_cast<int32_t>(graph.tokens)}));
    graph.position_end = b.add("position_end", mil::Add{.x = graph.position, .y = count});
  }
  graph.cache->begin(graph);
  group_masks(graph);
  if (!graph.plan.has_alibi()) return;
  const AttentionSpec& a = graph.spec().layers.front().attention;
  const int64_t group = a.heads / a.kv_heads;
  if (graph.tokens > 1 && group > 1) {
    const mil::Tile tile{.x = graph.distance, .reps = {1, 1, static_cast<int32_t>(group), 1}};
    graph.distance = b.add(std::string(kDistance) + "_groups", tile);
  }
}

// The ends of a function, from the normed residual stream.
void end_with_logits(Graph& graph, mil::Value x) { graph.builder.output(lower_head(graph, x), kLogits); }

// No head: the last prompt token goes through decode.
void end_with_hidden(Graph& graph, mil::Value x) {
  const mil::Value flat = graph.builder.add("final_channels", mil::Squeeze{.x = x, .axes = std::vector<int32_t>{2}});
  graph.builder.output(graph.transpose("final_rows", flat, {0, 2, 1}), kHidden);
}

struct FunctionPlan {
  const char* name;
  int64_t tokens;  // T
  void (*end)(Graph& graph, mil::Value x);
};

mil::Function lower_function(const AnePlan& plan, const Weights& weights, WeightStore& store, WeightReport& report,
                             const FunctionPlan& function) {
  Graph graph{.plan = plan,
              .weights = weights,
              .store = store,
              .report = report,
              .builder = mil::Builder(function.name, plan.target.opset),
              .tokens = function.tokens};
  add_inputs(graph, plan);
  add_shared_values(graph);
  function.end(graph, lower_decoder(graph));
  graph.cache->add_outputs(graph);
  return graph.builder.finish();
}

std::vector<FunctionPlan> functions_of(const AnePlan& plan) {
  if (!plan.target.has_states) return {{kMain, plan.prefill, end_with_logits}};
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

mil::Program lower_ane(const AnePlan& plan, const Weights& weights, WeightReport& report) {
  mil::Program program;
  WeightStore store(weights, plan, report);
  for (const FunctionPlan& function : functions_of(plan)) {
    program.functions.push_back(lower_function(plan, weights, store, report, function));
  }
  return program;
}

std::string ane_contract(const AnePlan& plan) {
  OrderedJson functions = OrderedJson::array(), ropes = OrderedJson::array();
  // The role of a function is its name.
  for (const auto& [name, tokens, end] : functions_of(plan)) {
    functions.push_back({{"name", name}, {"role", name}, {"tokens", tokens}});
  }
  for (const RopeInput& rope : plan.ropes) {
    ropes.push_back({{"cos", rope.cos},
                     {"sin", rope.sin},
                     {"inv_freq", rope.table.inv_freq},
                     {"attention_factor", rope.table.attention_factor}});
  }
  OrderedJson contract = begin_contract(plan, "ane");
  contract["functions"] = functions;
  contract["ids"] = kIds;
  if (needs_position(plan)) contract["position"] = kPosition;
  contract["logits"] = kLogits;
  contract[plan.target.has_states ? "hidden" : "row"] = plan.target.has_states ? kHidden : kRow;
  contract["mask"] = mask_contract(plan);
  contract["rope"] = ropes;
  contract["cache"] = cache_contract(plan);
  end_contract(plan, contract);
  if (plan.has_alibi()) contract["distance"] = kDistance;
  return json_text(contract);
}

}  // namespace cortland
