// The cache as states whose last axes are slots and width; slot j holds position j.
// Each write is read_state, slice_update, write_state, read_state, in that order and with nothing between them: other
// forms leave the Neural Engine.
#include "lower/graph.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland {
namespace {

// A row of a state (its first axis) and in it the slots of this call, as begin and end of a slice.
struct Slots {
  mil::Value begin, end;  // int32, one number per axis of the state
};

Slots slots_of_call(Graph& graph, const std::string& name, mil::Value cache, int64_t row) {
  mil::Builder& b = graph.builder;
  const Shape state = b.type(cache).shape;  // a copy: types move when operations are added
  const auto i = [](int64_t value) { return static_cast<int32_t>(value); };
  std::vector<int32_t> from{i(row)}, to{i(row + 1)};
  for (size_t axis = 1; axis + 2 < state.size(); ++axis) {
    from.push_back(0);
    to.push_back(i(state[axis]));
  }
  const mil::Value first = b.constant(name + "_first", mil::Literal::of(from));
  const mil::Value last = b.constant(name + "_last", mil::Literal::of(to));
  const mil::Value zero = b.constant(name + "_zero", mil::Literal::of(std::vector<int32_t>{0}));
  const mil::Value width = b.constant(name + "_width", mil::Literal::of(std::vector<int32_t>{i(state.back())}));
  return {graph.concat(name + "_begin", {first, graph.position, zero}, 0),
          graph.concat(name + "_end", {last, graph.position_end, width}, 0)};
}

// `update` has the axes of the state, or all but the first.
void write_slots(Graph& graph, const std::string& name, mil::Value state, const Slots& slots, mil::Value update) {
  mil::Builder& b = graph.builder;
  const size_t rank = b.type(state).shape.size();
  const mil::Value before = b.add(name + "_before", mil::ReadState{.input = state});
  const std::vector<bool> none(rank, false);
  std::vector<bool> squeeze = none;
  squeeze[0] = b.type(update).shape.size() < rank;
  const mil::Value after = b.add(name + "_update", mil::SliceUpdate{.x = before,
                                                                    .update = update,
                                                                    .begin = slots.begin,
                                                                    .end = slots.end,
                                                                    .stride = std::vector<int32_t>(rank, 1),
                                                                    .begin_mask = none,
                                                                    .end_mask = none,
                                                                    .squeeze_mask = squeeze});
  b.add_effect(name + "_write", mil::WriteState{.input = state, .data = after});
}

// What a row of a state holds up to the last slot of this call.
mil::Value read_slots(Graph& graph, const std::string& name, mil::Value state, const Slots& slots, int64_t row) {
  const mil::Value whole = graph.builder.add(name + "_cache", mil::ReadState{.input = state});
  return graph.builder.add(name, mil::SliceByIndex{.x = whole,
                                                   .begin = std::vector<int32_t>{static_cast<int32_t>(row), 0, 0, 0, 0},
                                                   .end = slots.end,
                                                   .begin_mask = std::vector<bool>{false, true, true, true, true},
                                                   .end_mask = std::vector<bool>{false, true, true, false, true},
                                                   .squeeze_mask = std::vector<bool>{true, false, false, false, false}});
}

// Keys of layer l of the part at l, values at L + l.
class StateCache : public Cache {
 public:
  StateCache(Graph& graph, const Shape& shape) : state_(graph.builder.input(kState, {DType::f16, shape, true})) {}

  void begin(Graph& graph) override {
    for (int64_t i = 0; i < graph.part.layers(); ++i) {
      const size_t layer = graph.part.first_layer + static_cast<size_t>(i);
      key_slots_.push_back(slots_of_call(graph, layer_name(layer, kKeys), state_, i));
      value_slots_.push_back(slots_of_call(graph, layer_name(layer, kValues), state_, i + graph.part.layers()));
    }
  }

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    const size_t index = layer - graph.part.first_layer;
    const auto key_row = static_cast<int64_t>(index), value_row = key_row + graph.part.layers();
    write_slots(graph, layer_name(layer, kKeys), state_, key_slots_[index], keys);
    write_slots(graph, layer_name(layer, kValues), state_, value_slots_[index], values);
    const mil::Value cache = graph.builder.add(layer_name(layer, "cache"), mil::ReadState{.input = state_});
    return {graph.slice(layer_name(layer, "keys"), cache, 0, key_row, key_row + 1),
            graph.slice(layer_name(layer, "values"), cache, 0, value_row, value_row + 1)};
  }

 private:
  static constexpr const char *kKeys = "key_cache", *kValues = "value_cache";
  mil::Value state_;  // fp16 [2L, K', S, E']
  std::vector<Slots> key_slots_, value_slots_;  // of each layer of the part
};

class PairedCache : public Cache {
 public:
  PairedCache(Graph& graph, const Shape& shape)
      : keys_(graph.builder.input(kKeyCache, {DType::f16, shape, true})),
        values_(graph.builder.input(kValueCache, {DType::f16, shape, true})) {}

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    const auto row = static_cast<int64_t>(layer);
    const Slots slots = slots_of_call(graph, layer_name(layer, "slots"), keys_, row);
    write_slots(graph, layer_name(layer, "key_cache"), keys_, slots, keys);
    const mil::Value known_keys = read_slots(graph, layer_name(layer, "keys"), keys_, slots, row);
    write_slots(graph, layer_name(layer, "value_cache"), values_, slots, values);
    const mil::Value known_values = read_slots(graph, layer_name(layer, "values"), values_, slots, row);
    return {known_keys, known_values};
  }

 private:
  mil::Value keys_, values_;  // fp16 [L, 1, K, S, E]
};

}  // namespace

std::unique_ptr<Cache> add_state_cache(Graph& graph, const Shape& shape) { return std::make_unique<StateCache>(graph, shape); }

std::unique_ptr<Cache> add_paired_cache(Graph& graph, const Shape& shape) { return std::make_unique<PairedCache>(graph, shape); }

}  // namespace cortland
