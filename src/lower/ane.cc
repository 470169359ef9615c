#include "lower/ane.h"

#include <algorithm>

#include "lower/contract.h"
#include "lower/embedding_table.h"
#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"

namespace cortland {
namespace {

constexpr const char* kIds = "input_ids";
constexpr const char* kRowsIn = "hidden_states";
constexpr const char* kDistance = "distance";
constexpr const char* kRow = "row";
constexpr const char* kDecode = "decode";
constexpr const char* kPrefill = "prefill";
constexpr const char* kMain = "main";
constexpr const char* kLogits = "logits";
constexpr const char* kHidden = "hidden";

// What a part asks for: an input that nothing uses makes a package invalid.
class Needs {
 public:
  Needs(const AnePlan& plan, const ModelPart& part) : plan_(plan), part_(part) {}

  // A state is written at the position, and a table of positions is read there.
  bool position() const {
    return (plan_.target.has_states && plan_.count_layers(part_, false) > 0) ||
           (part_.first_layer == 0 && plan_.spec->position_rows > 0);
  }
  bool slot() const { return plan_.target.has_states && plan_.count_layers(part_, true) > 0; }
  bool mask(size_t index) const {
    return any_layer([&](const LayerSpec& layer) { return plan_.mask_of(layer) == index; });
  }
  bool rope(size_t index) const {
    return any_layer([&](const LayerSpec& layer) { return layer.attention.rope == index; });
  }
  bool distance() const { return plan_.has_alibi() && part_.has_layers(); }
  bool row() const { return !plan_.target.has_states && part_.has_head; }

 private:
  bool any_layer(const std::function<bool(const LayerSpec&)>& test) const {
    const auto first = plan_.spec->layers.begin();
    return std::any_of(first + static_cast<std::ptrdiff_t>(part_.first_layer),
                       first + static_cast<std::ptrdiff_t>(part_.end_layer), test);
  }

  const AnePlan& plan_;
  const ModelPart& part_;
};

// Elements of a row of the table.
int64_t embedding_size(const ModelSpec& spec) {
  const auto is_table = [](const Parameter& p) { return p.id == ParameterId{Role::embedding}; };
  return std::find_if(spec.parameters.begin(), spec.parameters.end(), is_table)->shape[1];
}

void add_inputs(Graph& graph, const AnePlan& plan) {
  mil::Builder& b = graph.builder;
  const int64_t tokens = graph.tokens;
  const Needs needs(plan, graph.part);
  if (graph.part.has_embedding) {
    graph.ids = b.input(kIds, {DType::i32, {1, tokens}});
  } else {
    graph.rows_in = b.input(
        kRowsIn,
        {DType::f16, {1, tokens, graph.part.first_layer == 0 ? embedding_size(graph.spec()) : graph.spec().width}});
  }
  if (needs.position()) graph.position = b.input(kPosition, {DType::i32, {1}});
  if (needs.slot()) graph.slot = b.input(kSlot, {DType::i32, {1}});
  const auto input_if = [&](bool is_needed, const std::string& name, int64_t width) {
    return is_needed ? b.input(name, {DType::f16, {1, 1, tokens, width}}) : mil::Value();
  };
  for (size_t i = 0; i < plan.masks.size(); ++i) {
    graph.masks.push_back(input_if(needs.mask(i), plan.masks[i].name, plan.mask_columns(i)));
  }
  for (size_t i = 0; i < plan.ropes.size(); ++i) {
    const auto width = 2 * static_cast<int64_t>(plan.ropes[i].table.inv_freq.size());
    graph.cos.push_back(input_if(needs.rope(i), plan.ropes[i].cos, width));
    graph.sin.push_back(input_if(needs.rope(i), plan.ropes[i].sin, width));
  }
  graph.distance = input_if(needs.distance(), kDistance, plan.context);
  if (needs.row()) graph.row = b.input(kRow, {DType::f16, {1, 1, 1, tokens}});
  if (!graph.part.has_layers()) return;
  graph.cache = plan.target.has_states
                    ? add_state_cache(graph, plan)
                    : add_explicit_cache(graph, {plan.past_shape(graph.part), plan.ring_past_shape(graph.part)});
}

// Values that every layer uses, computed once. Integers come before everything else: islands of them in the middle of a
// function are known to cost more.
void add_shared_values(Graph& graph) {
  mil::Builder& b = graph.builder;
  if (!graph.part.has_layers()) return;
  if (graph.plan.target.has_states) {
    const mil::Value count =
        b.constant("token_count", mil::Literal::of(std::vector<int32_t>{static_cast<int32_t>(graph.tokens)}));
    if (graph.position) graph.position_end = b.add("position_end", mil::Add{.x = graph.position, .y = count});
    if (graph.slot) graph.slot_end = b.add("slot_end", mil::Add{.x = graph.slot, .y = count});
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

// The ends of a function.
void end_with_logits(Graph& graph, mil::Value x) { graph.builder.output(lower_head(graph, x), kLogits); }

// For the part behind, or for nobody: a prefill has no head, since the last prompt token goes through decode.
void end_with_hidden(Graph& graph, mil::Value x) {
  const mil::Value flat = graph.builder.add("final_channels", mil::Squeeze{.x = x, .axes = std::vector<int32_t>{2}});
  graph.builder.output(graph.transpose("final_rows", flat, {0, 2, 1}), kHidden);
}

struct FunctionPlan {
  std::string role;
  int64_t tokens;  // T
  bool has_logits;
  std::string name = role;
};

mil::Function lower_function(const AnePlan& plan, const ModelPart& part, const Weights& weights, WeightStore& store,
                             WeightReport& report, const FunctionPlan& function) {
  Graph graph{.plan = plan,
              .weights = weights,
              .store = store,
              .report = report,
              .builder = mil::Builder(function.name, plan.target.opset),
              .tokens = function.tokens,
              .part = part};
  add_inputs(graph, plan);
  add_shared_values(graph);
  const mil::Value x = lower_decoder(graph);
  (part.has_head && function.has_logits ? end_with_logits : end_with_hidden)(graph, x);
  if (graph.cache) graph.cache->add_outputs(graph);
  return graph.builder.finish();
}

std::vector<FunctionPlan> functions_of(const AnePlan& plan) {
  if (!plan.target.has_states) return {{kMain, plan.prefill, true}};
  return {{kDecode, 1, true, kDecode + plan.suffix}, {kPrefill, plan.prefill, false, kPrefill + plan.suffix}};
}

// As inputs of the functions of a part.
OrderedJson inputs_contract(const AnePlan& plan, const ModelPart& part) {
  const Needs needs(plan, part);
  OrderedJson names = {part.has_embedding ? kIds : kRowsIn};
  if (needs.position()) names.push_back(kPosition);
  if (needs.slot()) names.push_back(kSlot);
  for (size_t i = 0; i < plan.masks.size(); ++i) {
    if (needs.mask(i)) names.push_back(plan.masks[i].name);
  }
  for (size_t i = 0; i < plan.ropes.size(); ++i) {
    if (needs.rope(i)) names.insert(names.end(), {plan.ropes[i].cos, plan.ropes[i].sin});
  }
  if (needs.distance()) names.push_back(kDistance);
  if (needs.row()) names.push_back(kRow);
  return names;
}

OrderedJson parts_contract(const AnePlan& plan) {
  OrderedJson parts = OrderedJson::array();
  if (plan.parts.size() == 1) return parts;
  for (size_t i = 0; i < plan.parts.size(); ++i) {
    const ModelPart& part = plan.parts[i];
    parts.push_back({{"package", part_package_name(plan, i)},
                     {"layers", {part.first_layer, part.end_layer}},
                     {"inputs", inputs_contract(plan, part)}});
  }
  return parts;
}

OrderedJson explicit_cache_contract(const AnePlan& plan, const ModelPart& whole) {
  OrderedJson names = OrderedJson::array(), new_names = OrderedJson::array();
  OrderedJson cache = {{"kind", "explicit"}};
  if (plan.count_layers(whole, false) > 0) {
    names = {kPastKeys, kPastValues};
    new_names = {kNewKeys, kNewValues};
  }
  cache["names"] = names;
  cache["new_names"] = new_names;
  if (!names.empty()) cache["shape"] = plan.past_shape(whole);
  cache["slots"] = plan.ring > 0 ? kRingSlots : "past_then_new";
  if (plan.ring == 0) return cache;
  OrderedJson& ring = cache["ring"] = ring_contract(plan);
  ring["names"] = {kRingPastKeys, kRingPastValues};
  ring["new_names"] = {kRingNewKeys, kRingNewValues};
  ring["shape"] = plan.ring_past_shape(whole);
  return cache;
}

// The parts of the contract that depend on where the cache lies.
OrderedJson cache_contract(const AnePlan& plan) {
  const ModelPart whole{.end_layer = plan.spec->layers.size()};
  if (!plan.target.has_states) return explicit_cache_contract(plan, whole);
  OrderedJson names = OrderedJson::array();
  if (plan.count_layers(whole, false) > 0) names.push_back(kState + plan.suffix);
  OrderedJson cache = {{"kind", "state"}, {"names", names}, {"slots", plan.ring > 0 ? kRingSlots : "position"}};
  if (plan.ring == 0) return cache;
  OrderedJson& ring = cache["ring"] = ring_contract(plan);
  ring["names"] = {kState + plan.suffix};
  ring["input"] = kSlot;
  return cache;
}

OrderedJson contract_of(const AnePlan& plan) {
  OrderedJson functions = OrderedJson::array(), ropes = OrderedJson::array();
  for (const auto& [role, tokens, has_logits, name] : functions_of(plan)) {
    functions.push_back({{"name", name}, {"role", role}, {"tokens", tokens}});
  }
  for (const RopeInput& rope : plan.ropes) {
    ropes.push_back({{"cos", rope.cos},
                     {"sin", rope.sin},
                     {"inv_freq", rope.table.inv_freq},
                     {"attention_factor", rope.table.attention_factor}});
  }
  OrderedJson contract = begin_contract(plan, "ane");
  contract["functions"] = functions;
  const bool has_position = std::any_of(plan.parts.begin(), plan.parts.end(),
                                        [&](const ModelPart& part) { return Needs(plan, part).position(); });
  const bool has_rows_in = plan.host_embedding || plan.parts.size() > 1;
  contract["ids"] = kIds;
  if (has_rows_in) {
    contract["hidden_states"] = kRowsIn;
    contract["hidden_size"] = plan.spec->width;
    contract["embedding_size"] = embedding_size(*plan.spec);
  }
  if (has_position) contract["position"] = kPosition;
  contract["logits"] = kLogits;
  if (plan.target.has_states || plan.parts.size() > 1) contract["hidden"] = kHidden;
  if (!plan.target.has_states) contract["row"] = kRow;
  contract["mask"] = mask_contract(plan);
  contract["rope"] = ropes;
  contract["cache"] = cache_contract(plan);
  end_contract(plan, contract);
  if (plan.host_embedding) {
    contract["embedding"] = "host";
    contract["embedding_file"] = kEmbeddingFile;
  }
  contract["parts"] = parts_contract(plan);
  if (plan.has_alibi()) contract["distance"] = kDistance;
  return contract;
}

}  // namespace

std::vector<mil::Program> lower_ane(const AnePlan& plan, const Weights& weights, WeightReport& report) {
  std::vector<mil::Program> programs;
  WeightStore store(weights, plan, report);
  for (const ModelPart& part : plan.parts) {
    mil::Program& program = programs.emplace_back();
    const auto add_functions = [&](const AnePlan& one) {
      for (const FunctionPlan& function : functions_of(one)) {
        program.functions.push_back(lower_function(one, part, weights, store, report, function));
      }
    };
    add_functions(plan);
    for (const AnePlan& smaller : plan.smaller) add_functions(smaller);
  }
  return programs;
}

std::string part_package_name(const AnePlan& plan, size_t index) {
  return plan.parts[index].has_head ? "head.mlpackage" : fmt::format("body-{}.mlpackage", index + 1);
}

std::string ane_contract(const AnePlan& plan) {
  std::vector<OrderedJson> others;
  for (const AnePlan& smaller : plan.smaller) others.push_back(contract_of(smaller));
  return json_text(join_contracts(contract_of(plan), others));
}

}  // namespace cortland
