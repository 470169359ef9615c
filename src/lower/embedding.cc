#include <algorithm>

#include "lower/parts.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"

namespace cortland {
namespace {

// Rows of a table as x.
mil::Value look_up(Graph& graph, const std::string& name, Role role, const WeightRecipe& recipe, mil::Value indices) {
  const Binding& binding = graph.weights.binding({role});
  Shape shape = binding.parameter->shape;
  if (recipe.rows >= 0) shape[0] = recipe.rows;
  const std::string constant = name + "_weight";
  const mil::Value table = graph.weight(constant, binding, recipe, shape, WeightPlace::embedding);
  return graph.from_rows(name, graph.builder.add(name, mil::Gather{.x = table, .indices = indices}));
}

// Rows that only pad a chunk may lie behind the last position: they read the last row.
mil::Value bounded_rows(Graph& graph, int64_t rows) {
  std::vector<int32_t> steps;
  for (int64_t i = 0; i < graph.tokens; ++i) steps.push_back(static_cast<int32_t>(i));
  const mil::Value offsets = graph.builder.constant("position_steps", mil::Literal::of(std::vector<int32_t>(steps)));
  const mil::Value last = graph.builder.constant("position_last", mil::Literal::of(static_cast<int32_t>(rows - 1)));
  const mil::Value free = graph.add("position_free", offsets, graph.position);
  const mil::Value bounded = graph.builder.add("position_bounded", mil::Minimum{.x = free, .y = last});
  return graph.reshape("position_indices", bounded, {1, graph.tokens});
}

mil::Value look_up_positions(Graph& graph) {
  const ModelSpec& spec = graph.spec();
  const int64_t rows = std::min(graph.plan.table_rows, spec.position_rows - spec.position_offset);
  const mil::Value indices = graph.position_rows ? graph.position_rows : bounded_rows(graph, rows);
  const WeightRecipe recipe{.first_row = spec.position_offset, .rows = rows};
  return look_up(graph, "position_row", Role::position_table, recipe, indices);
}

}  // namespace

mil::Value lower_embedding(Graph& graph) {
  const ModelSpec& spec = graph.spec();
  mil::Value x = graph.ids ? look_up(graph, "embedding", Role::embedding, {}, graph.ids)
                           : graph.from_rows("embedding", graph.rows_in);
  mil::Value places;
  if (spec.position_rows > 0) places = look_up_positions(graph);
  if (graph.weights.has({Role::embedding_projection})) {
    x = graph.linear("embedding_projected", x, Role::embedding_projection, -1);
  }
  if (spec.embedding_scale != 1) {
    x = graph.multiply("embedding_scaled", x, graph.number("embedding_scale", spec.embedding_scale));
  }
  if (places) x = graph.add("embedding_placed", x, places);
  if (spec.embedding_norm) {
    x = lower_norm(graph, "embedding_norm", x, graph.channel_axis(), *spec.embedding_norm, Role::embedding_norm, -1);
  }
  graph.builder.rename(x, "embedding_x");
  return x;
}

}  // namespace cortland
