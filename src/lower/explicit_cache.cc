// The host keeps keys and values of earlier calls, [L, K', S-T, E'] each, and gives them to every call. Slots 0 to
// S-T-1 are theirs, slot S-T+i is row i of this call, whose keys and values go out for the host to append. Of layers in
// a ring it keeps [L, K', R, E'], and the rows of this call are slots R to R+T-1.
#include "lower/graph.h"

namespace cortland {
namespace {

// Keys and values of layers with the same slots.
class Past {
 public:
  struct Names {
    const char *keys, *values, *new_keys, *new_values;
  };
  Past(Graph& graph, const Names& names, const Shape& shape) : names_(names) {
    if (shape[0] == 0) return;
    keys_ = graph.builder.input(names.keys, {DType::f16, shape});
    values_ = graph.builder.input(names.values, {DType::f16, shape});
  }

  CachedHeads join(Graph& graph, size_t layer, int64_t row, mil::Value keys, mil::Value values) {
    new_keys_.push_back(keys);
    new_values_.push_back(values);
    return {append(graph, layer_name(layer, "keys"), row, keys_, keys),
            append(graph, layer_name(layer, "values"), row, values_, values)};
  }

  void add_outputs(Graph& graph) const {
    if (new_keys_.empty()) return;
    graph.builder.output(by_layer(graph, new_keys_), names_.new_keys);
    graph.builder.output(by_layer(graph, new_values_), names_.new_values);
  }

 private:
  static mil::Value append(Graph& graph, const std::string& name, int64_t row, mil::Value past, mil::Value rows) {
    constexpr int32_t kSlots = 2;
    return graph.concat(name, {graph.slice(name + "_past", past, 0, row, row + 1), rows}, kSlots);
  }

  // Nothing is joined from one part.
  static mil::Value by_layer(Graph& graph, const std::vector<mil::Value>& parts) {
    return parts.size() == 1 ? parts.front() : graph.concat("by_layer", parts, 0);
  }

  Names names_;
  mil::Value keys_, values_;                         // fp16 [L, K', S-T or R, E']
  std::vector<mil::Value> new_keys_, new_values_;  // by layer
};

class ExplicitCache : public Cache {
 public:
  ExplicitCache(Graph& graph, const CacheShapes& past)
      : others_(graph, {kPastKeys, kPastValues, kNewKeys, kNewValues}, past.others),
        ring_(graph, {kRingPastKeys, kRingPastValues, kRingNewKeys, kRingNewValues}, past.ring) {}

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    const CachePlace place = graph.plan.place_of(graph.part, layer);
    return (place.in_ring ? ring_ : others_).join(graph, layer, place.row, keys, values);
  }

  void add_outputs(Graph& graph) override {
    others_.add_outputs(graph);
    ring_.add_outputs(graph);
  }

 private:
  Past others_, ring_;
};

}  // namespace

std::unique_ptr<Cache> add_explicit_cache(Graph& graph, const CacheShapes& past) {
  return std::make_unique<ExplicitCache>(graph, past);
}

}  // namespace cortland
