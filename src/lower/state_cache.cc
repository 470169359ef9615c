// The cache as states whose last axes are slots and width; slot j holds position j, in a ring the newest p that is j
// modulo R. Each write is read_state, slice_update, write_state, read_state, in that order and with nothing between
// them: other forms leave the Neural Engine.
#include <map>

#include "lower/graph.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland {
namespace {

// A row of a state (its first axis) and in it the slots of this call, as begin and end of a slice; and the end of what
// is read.
struct Slots {
  mil::Value begin, end, read_end;  // int32, one number per axis of the state
};

// Of the first token of a call, and behind its last one; of the slots in use, where not all are read.
struct Span {
  mil::Value first, end, used;
};

Slots slots_of_call(Graph& graph, const std::string& name, mil::Value cache, int64_t row, const Span& span) {
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
  const mil::Value begin = graph.concat(name + "_begin", {first, span.first, zero}, 0);
  const mil::Value end = graph.concat(name + "_end", {last, span.end, width}, 0);
  return {begin, end, span.used ? graph.concat(name + "_used", {last, span.used, width}, 0) : end};
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

// What a row of a state holds in the slots in use.
mil::Value read_slots(Graph& graph, const std::string& name, mil::Value state, const Slots& slots, int64_t row) {
  const mil::Value whole = graph.builder.add(name + "_cache", mil::ReadState{.input = state});
  return graph.builder.add(name,
                           mil::SliceByIndex{.x = whole,
                                             .begin = std::vector<int32_t>{static_cast<int32_t>(row), 0, 0, 0, 0},
                                             .end = slots.read_end,
                                             .begin_mask = std::vector<bool>{false, true, true, true, true},
                                             .end_mask = std::vector<bool>{false, true, true, false, true},
                                             .squeeze_mask = std::vector<bool>{true, false, false, false, false}});
}

// Absent where the cache has no layers.
mil::Value add_state(Graph& graph, const char* name, const Shape& shape) {
  return shape[0] == 0 ? mil::Value() : graph.builder.input(name + graph.plan.suffix, {DType::f16, shape, true});
}

// Keys of the layers of the part come first, values behind them; those in a ring come behind the others.
class StateCache : public Cache {
 public:
  StateCache(Graph& graph, const AnePlan& plan)
      : plan_(plan), state_(add_state(graph, kState, plan.cache_shape(graph.part))) {}

  void begin(Graph& graph) override {
    const auto add = [&](size_t layer, const char* name, CachedKind kind) {
      const StatePlace place = plan_.state_place(graph.part, layer, kind);
      return slots_of_call(graph, layer_name(layer, name), state_, place.row, span_of(graph, place));
    };
    for (size_t layer = graph.part.first_layer; layer < graph.part.end_layer; ++layer) {
      key_slots_.push_back(add(layer, kKeys, CachedKind::keys));
      value_slots_.push_back(add(layer, kValues, CachedKind::values));
    }
  }

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    const size_t index = layer - graph.part.first_layer;
    write_slots(graph, layer_name(layer, kKeys), state_, key_slots_[index], keys);
    write_slots(graph, layer_name(layer, kValues), state_, value_slots_[index], values);
    const mil::Value cache = graph.builder.add(layer_name(layer, "cache"), mil::ReadState{.input = state_});
    return {read(graph, layer_name(layer, "keys"), cache, plan_.state_place(graph.part, layer, CachedKind::keys)),
            read(graph, layer_name(layer, "values"), cache, plan_.state_place(graph.part, layer, CachedKind::values))};
  }

 private:
  static constexpr const char *kKeys = "key_cache", *kValues = "value_cache";

  // Where several of the ring share a row, each begins at another slot.
  Span span_of(Graph& graph, const StatePlace& place) {
    if (!place.in_ring) return {graph.position, graph.position_end, {}};
    if (place.first_slot == 0) return {graph.slot, graph.slot_end, {}};
    const auto [known, is_new] = ring_spans_.try_emplace(place.first_slot);
    if (!is_new) return known->second;
    const std::string name = fmt::format("slot_at_{}", place.first_slot);
    const mil::Value first = graph.builder.constant(
        name + "_first", mil::Literal::of(std::vector<int32_t>{static_cast<int32_t>(place.first_slot)}));
    return known->second = {graph.add(name, graph.slot, first), graph.add(name + "_end", graph.slot_end, first), {}};
  }

  static mil::Value read(Graph& graph, const std::string& name, mil::Value cache, const StatePlace& place) {
    const Shape shape = graph.builder.type(cache).shape;
    const auto i = [](int64_t value) { return static_cast<int32_t>(value); };
    return graph.builder.add(
        name, mil::SliceByIndex{.x = cache,
                                .begin = std::vector<int32_t>{i(place.row), 0, i(place.first_slot), 0},
                                .end = std::vector<int32_t>{i(place.row + 1), i(shape[1]),
                                                            i(place.first_slot + place.slots), i(shape[3])}});
  }

  const AnePlan& plan_;
  mil::Value state_;                            // fp16, as AnePlan::cache_shape()
  std::vector<Slots> key_slots_, value_slots_;  // of each layer of the part
  std::map<int64_t, Span> ring_spans_;          // by the first slot, but for 0
};

class PairedCache : public Cache {
 public:
  PairedCache(Graph& graph, const CacheShapes& shapes)
      : others_{add_state(graph, kKeyCache, shapes.others), add_state(graph, kValueCache, shapes.others)},
        ring_{add_state(graph, kRingKeyCache, shapes.ring), add_state(graph, kRingValueCache, shapes.ring)} {}

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    const CachePlace place = graph.plan.place_of(graph.part, layer);
    const auto& [key_state, value_state] = place.in_ring ? ring_ : others_;
    const Span span = place.in_ring ? Span{graph.slot, graph.slot_end, graph.slots_used}
                                    : Span{graph.position, graph.position_end, {}};
    const Slots slots = slots_of_call(graph, layer_name(layer, "slots"), key_state, place.row, span);
    write_slots(graph, layer_name(layer, "key_cache"), key_state, slots, keys);
    const mil::Value known_keys = read_slots(graph, layer_name(layer, "keys"), key_state, slots, place.row);
    write_slots(graph, layer_name(layer, "value_cache"), value_state, slots, values);
    const mil::Value known_values = read_slots(graph, layer_name(layer, "values"), value_state, slots, place.row);
    return {known_keys, known_values};
  }

 private:
  struct Pair {
    mil::Value keys, values;  // fp16 [L, 1, K, S or R, E]
  };
  Pair others_, ring_;
};

}  // namespace

std::unique_ptr<Cache> add_state_cache(Graph& graph, const AnePlan& plan) {
  return std::make_unique<StateCache>(graph, plan);
}

std::unique_ptr<Cache> add_paired_cache(Graph& graph, const CacheShapes& shapes) {
  return std::make_unique<PairedCache>(graph, shapes);
}

}  // namespace cortland
