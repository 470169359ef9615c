// The cache is one state [2L, K', S, E']: keys of layer l at l, values at L + l; slot j holds position j.
// Each write is read_state, slice_update, write_state, read_state, in that order and with nothing between them: other
// forms leave the Neural Engine.
#include "lower/graph.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland {
namespace {

class StateCache : public Cache {
 public:
  explicit StateCache(Graph& graph) {
    mil::Builder& b = graph.builder;
    state_ = b.input(kState, {DType::f16, graph.plan.cache_shape(), true});
    const mil::Value count =
        b.constant("token_count", mil::Literal::of(std::vector<int32_t>{static_cast<int32_t>(graph.tokens)}));
    position_end_ = b.add("position_end", mil::Add{.x = graph.position, .y = count});
  }

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    const auto key_row = static_cast<int64_t>(layer);
    const auto value_row = static_cast<int64_t>(layer + graph.spec().layers.size());
    write_row(graph, layer_name(layer, "key_cache"), key_row, keys);
    write_row(graph, layer_name(layer, "value_cache"), value_row, values);
    const mil::Value cache = graph.builder.add(layer_name(layer, "cache"), mil::ReadState{.input = state_});
    return {graph.slice(layer_name(layer, "keys"), cache, 0, key_row, key_row + 1),
            graph.slice(layer_name(layer, "values"), cache, 0, value_row, value_row + 1)};
  }

  void add_outputs(Graph&) override {}

 private:
  void write_row(Graph& graph, const std::string& name, int64_t row, mil::Value update) {
    mil::Builder& b = graph.builder;
    const Shape shape = graph.plan.cache_shape();
    const auto i = [](int64_t value) { return static_cast<int32_t>(value); };
    const mil::Value first = b.constant(name + "_first", mil::Literal::of(std::vector<int32_t>{i(row), 0}));
    const mil::Value last = b.constant(name + "_last", mil::Literal::of(std::vector<int32_t>{i(row + 1), i(shape[1])}));
    const mil::Value zero = b.constant(name + "_zero", mil::Literal::of(std::vector<int32_t>{0}));
    const mil::Value width = b.constant(name + "_width", mil::Literal::of(std::vector<int32_t>{i(shape[3])}));
    const mil::Value begin = graph.concat(name + "_begin", {first, graph.position, zero}, 0);
    const mil::Value end = graph.concat(name + "_end", {last, position_end_, width}, 0);
    const mil::Value before = b.add(name + "_before", mil::ReadState{.input = state_});
    const std::vector<bool> none(shape.size(), false);
    const mil::Value after = b.add(name + "_update", mil::SliceUpdate{.x = before,
                                                                      .update = update,
                                                                      .begin = begin,
                                                                      .end = end,
                                                                      .stride = std::vector<int32_t>(shape.size(), 1),
                                                                      .begin_mask = none,
                                                                      .end_mask = none,
                                                                      .squeeze_mask = none});
    b.add_effect(name + "_write", mil::WriteState{.input = state_, .data = after});
  }

  mil::Value state_;         // fp16 [2L, K', S, E']
  mil::Value position_end_;  // int32 [1]: position + T
};

}  // namespace

std::unique_ptr<Cache> add_state_cache(Graph& graph) { return std::make_unique<StateCache>(graph); }

}  // namespace cortland
