// A call has q tokens, and the cache holds k of them afterwards: both are taken from the shapes of the inputs, so that
// the host sends ids and masks alone.
#include "lower/gpu.h"

#include <algorithm>
#include <numeric>

#include "lower/contract.h"
#include "lower/parts.h"
#include "lower/rope_payload.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"

namespace cortland {
namespace {

// As other makers' hosts call them.
constexpr const char* kInputIds = "inputIds";
constexpr const char* kTokenLogits = "logits";

bool has_others(const GpuPlan& plan) { return plan.count_layers(plan.whole(), false) > 0; }

// The mask of a ring does not tell it, and an input that nothing uses makes a package invalid.
bool needs_position(const GpuPlan& plan) {
  return !has_others(plan) && (!plan.ropes.empty() || plan.spec->position_rows > 0);
}

const MaskInput& mask_with_window(const GpuPlan& plan) {
  return *std::find_if(plan.masks.begin(), plan.masks.end(),
                       [](const MaskInput& mask) { return mask.window.has_value(); });
}

void add_flexible_inputs(Graph& graph, const GpuPlan& plan) {
  mil::Builder& b = graph.builder;
  graph.ids = b.input(kInputIds, {DType::i32, {1, kUnknown}});
  for (const MaskInput& mask : plan.masks) {
    graph.masks.push_back(b.input(mask.name, {DType::f16, {1, 1, kUnknown, kUnknown}}));
  }
  // One number for each token: systems refuse inputs of a fixed shape beside others (coremltools issue 2548).
  if (needs_position(plan)) graph.position = b.input(kPosition, {DType::i32, {1, kUnknown}});
  if (plan.ring > 0) graph.slot = b.input(kSlot, {DType::i32, {1, kUnknown}});
  graph.cache = add_paired_cache(graph, {plan.cache_shape(), plan.ring_shape()});
}

// position = k - q, position_end = k, where a mask has a column for each position.
void add_position(Graph& graph, const GpuPlan& plan) {
  mil::Builder& b = graph.builder;
  const auto length = [&](const std::string& name, mil::Value x, size_t axis) {
    const mil::Value shape = b.add(name + "_shape", mil::ShapeOf{.x = x});
    const auto at = static_cast<int64_t>(axis);
    return graph.slice(name + "_length", shape, 0, at, at + 1);
  };
  const auto first_of = [&](const char* name, mil::Value row) {
    const mil::Value first = b.add(std::string(name) + "_row", mil::SliceBySize{.x = row,
                                                                               .begin = std::vector<int32_t>{0, 0},
                                                                               .size = std::vector<int32_t>{1, 1}});
    return b.add(std::string(name) + "_first", mil::Squeeze{.x = first, .axes = std::vector<int32_t>{0}});
  };
  const mil::Value queries = length("query", graph.ids, 1);
  if (has_others(plan)) {
    graph.position_end = length("cache", graph.masks.front(), 3);
    graph.position = b.add("position", mil::Sub{.x = graph.position_end, .y = queries});
  } else if (graph.position) {
    graph.position = first_of(kPosition, graph.position);
    graph.position_end = b.add("position_end", mil::Add{.x = graph.position, .y = queries});
  }
  if (!graph.slot) return;
  graph.slot = first_of(kSlot, graph.slot);
  graph.slot_end = b.add("slot_end", mil::Add{.x = graph.slot, .y = queries});
  const auto index = &mask_with_window(plan) - plan.masks.data();
  graph.slots_used = length("ring", graph.masks[static_cast<size_t>(index)], 3);
}

// Tables with one entry for each position, cut to what a call needs.
class PositionTables {
 public:
  explicit PositionTables(Graph& graph) : graph_(graph) {}

  // [1, 1, S, n] -> [1, 1, q, n], from the position on.
  mil::Value rows_of_call(const std::string& name, mil::Value table) {
    if (!begin_) {
      const mil::Value before = ints("rows_before", {0, 0}), behind = ints("rows_behind", {0});
      begin_ = graph_.concat("rows_begin", {before, graph_.position, behind}, 0);
      end_ = graph_.concat("rows_end", {before, graph_.position_end, behind}, 0);
    }
    const std::vector<bool> others{true, true, false, true};
    return graph_.builder.add(
        name, mil::SliceByIndex{.x = table, .begin = begin_, .end = end_, .begin_mask = others, .end_mask = others});
  }

  void add_ropes(const Plan& plan) {
    for (const RopeInput& rope : plan.ropes) {
      const auto add = [&](const std::string& name, RopePart part) {
        const mil::PayloadPtr table = make_rope_payload(rope.table, part, plan.table_rows);
        return rows_of_call(name, graph_.builder.constant(name + "_table", table));
      };
      graph_.cos.push_back(add(rope.cos, RopePart::cos));
      graph_.sin.push_back(add(rope.sin, RopePart::sin));
    }
  }

  void add_learned_rows() {
    graph_.position_rows = graph_.reshape("position_rows", positions_of_call(), {1, kUnknown});
  }

  // j - p of key j and query p, 0 where the key comes later: [1, 1, q, k].
  void add_distance() {
    mil::Builder& b = graph_.builder;
    const mil::Value last = graph_.concat("keys_end", {ints("keys_before", {0, 0, 0}), graph_.position_end}, 0);
    const mil::Value keys =
        b.add("key_positions", mil::SliceByIndex{.x = positions("key_position_table", {1, 1, 1, table_rows()}),
                                                 .begin = std::vector<int32_t>(4, 0),
                                                 .end = last,
                                                 .begin_mask = std::vector<bool>(4, true),
                                                 .end_mask = std::vector<bool>{true, true, true, false}});
    const mil::Value ahead = b.add("key_offsets", mil::Sub{.x = keys, .y = positions_of_call()});
    const mil::Value nothing = b.constant("key_offset_limit", mil::Literal::of(int32_t{0}));
    const mil::Value behind = b.add("key_distances", mil::Minimum{.x = ahead, .y = nothing});
    graph_.distance = b.add("distance", mil::Cast{.x = behind, .dtype = "fp16"});
  }

 private:
  int64_t table_rows() const { return graph_.plan.table_rows; }
  mil::Value ints(std::string_view name, std::vector<int32_t> values) {
    return graph_.builder.constant(name, mil::Literal::of(values));
  }
  // 0, 1, ... S - 1.
  mil::Value positions(std::string_view name, const Shape& shape) {
    std::vector<int32_t> numbers(static_cast<size_t>(table_rows()));
    std::iota(numbers.begin(), numbers.end(), 0);
    const std::span bytes = std::as_bytes(std::span(numbers));
    return graph_.builder.constant(name, mil::make_bytes_payload(DType::i32, shape, {bytes.begin(), bytes.end()}));
  }
  mil::Value positions_of_call() {
    return rows_of_call("positions", positions("position_table", {1, 1, table_rows(), 1}));
  }

  Graph& graph_;
  mil::Value begin_, end_;
};

// Values that every layer uses, computed once.
void add_values_of_call(Graph& graph, const GpuPlan& plan) {
  add_position(graph, plan);
  PositionTables tables(graph);
  tables.add_ropes(graph.plan);
  if (graph.spec().position_rows > 0) tables.add_learned_rows();
  group_masks(graph);
  if (graph.plan.has_alibi()) tables.add_distance();
}

}  // namespace

namespace {

std::string function_name(const GpuPlan& plan) { return std::string(kGpuFunction) + plan.suffix; }

mil::Function lower_function(const GpuPlan& plan, const Weights& weights, WeightStore& store, WeightReport& report) {
  Graph graph{.plan = plan,
              .weights = weights,
              .store = store,
              .report = report,
              .builder = mil::Builder(function_name(plan), plan.target.opset),
              .tokens = kUnknown,
              .part = plan.whole(),
              .layout = Layout::token_major};
  add_flexible_inputs(graph, plan);
  add_values_of_call(graph, plan);
  graph.builder.output(lower_head(graph, lower_decoder(graph)), kTokenLogits);
  graph.cache->add_outputs(graph);
  return graph.builder.finish();
}

OrderedJson cache_contract(const GpuPlan& plan) {
  OrderedJson names = OrderedJson::array();
  if (has_others(plan)) names = {kKeyCache + plan.suffix, kValueCache + plan.suffix};
  OrderedJson cache = {{"kind", "state"}, {"names", names}, {"slots", plan.ring > 0 ? kRingSlots : "position"}};
  if (plan.ring == 0) return cache;
  OrderedJson& ring = cache["ring"] = ring_contract(plan);
  ring["names"] = {kRingKeyCache + plan.suffix, kRingValueCache + plan.suffix};
  ring["input"] = kSlot;
  return cache;
}

OrderedJson contract_of(const GpuPlan& plan) {
  OrderedJson contract = begin_contract(plan, "gpu");
  contract["functions"] =
      OrderedJson::array({{{"name", function_name(plan)}, {"role", "any"}, {"tokens", plan.tokens}}});
  contract["ids"] = kInputIds;
  if (needs_position(plan)) contract["position"] = kPosition;
  contract["logits"] = kTokenLogits;
  contract["mask"] = mask_contract(plan);
  contract["rope"] = OrderedJson::array();
  contract["cache"] = cache_contract(plan);
  end_contract(plan, contract);
  return contract;
}

}  // namespace

mil::Program lower_gpu(const GpuPlan& plan, const Weights& weights, WeightReport& report) {
  WeightStore store(weights, plan, report);
  mil::Program program;
  program.functions.push_back(lower_function(plan, weights, store, report));
  for (const GpuPlan& smaller : plan.smaller) {
    program.functions.push_back(lower_function(smaller, weights, store, report));
  }
  return program;
}

std::vector<FlexibleInput> gpu_flexible_inputs(const GpuPlan& plan) {
  std::vector<FlexibleInput> inputs;
  const auto add = [&](const GpuPlan& one) {
    const auto add_row = [&](const char* name) {
      inputs.push_back({function_name(one), name, {1, 1}, {1, one.tokens}});
    };
    add_row(kInputIds);
    for (size_t i = 0; i < one.masks.size(); ++i) {
      inputs.push_back({function_name(one), one.masks[i].name, {1, 1, 1, 1}, {1, 1, one.tokens, one.mask_columns(i)}});
    }
    if (needs_position(one)) add_row(kPosition);
    if (one.ring > 0) add_row(kSlot);
  };
  add(plan);
  for (const GpuPlan& smaller : plan.smaller) add(smaller);
  return inputs;
}

std::string gpu_contract(const GpuPlan& plan) {
  std::vector<OrderedJson> others;
  for (const GpuPlan& smaller : plan.smaller) others.push_back(contract_of(smaller));
  return json_text(join_contracts(contract_of(plan), others));
}

}  // namespace cortland
