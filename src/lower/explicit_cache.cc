// The host keeps keys and values of earlier calls, [L, K', S-T, E'] each, and gives them to every call. Slots 0 to S-T-1
// are theirs, slot S-T+i is row i of this call, whose keys and values go out for the host to append.
#include "lower/graph.h"

namespace cortland {
namespace {

class ExplicitCache : public Cache {
 public:
  ExplicitCache(Graph& graph, const Shape& past)
      : past_keys_(graph.builder.input(kPastKeys, {DType::f16, past})),
        past_values_(graph.builder.input(kPastValues, {DType::f16, past})) {}

  CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) override {
    new_keys_.push_back(keys);
    new_values_.push_back(values);
    return {append(graph, layer_name(layer, "keys"), layer, past_keys_, keys),
            append(graph, layer_name(layer, "values"), layer, past_values_, values)};
  }

  void add_outputs(Graph& graph) override {
    graph.builder.output(by_layer(graph, new_keys_), kNewKeys);
    graph.builder.output(by_layer(graph, new_values_), kNewValues);
  }

 private:
  static mil::Value append(Graph& graph, const std::string& name, size_t layer, mil::Value past, mil::Value rows) {
    constexpr int32_t kSlots = 2;
    const auto row = static_cast<int64_t>(layer - graph.part.first_layer);
    return graph.concat(name, {graph.slice(name + "_past", past, 0, row, row + 1), rows}, kSlots);
  }

  // Nothing is joined from one part.
  static mil::Value by_layer(Graph& graph, const std::vector<mil::Value>& parts) {
    return parts.size() == 1 ? parts.front() : graph.concat("by_layer", parts, 0);
  }

  mil::Value past_keys_, past_values_;               // fp16 [L, K', S-T, E']
  std::vector<mil::Value> new_keys_, new_values_;  // by layer
};

}  // namespace

std::unique_ptr<Cache> add_explicit_cache(Graph& graph, const Shape& past) { return std::make_unique<ExplicitCache>(graph, past); }

}  // namespace cortland
