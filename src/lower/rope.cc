#include "lower/parts.h"

namespace cortland {

mil::Value lower_rope(Graph& graph, std::string_view name, mil::Value heads, size_t table) {
  constexpr size_t kWidthAxis = 3;
  const std::string base(name);
  const int64_t width = graph.builder.type(heads).shape[kWidthAxis];
  const int64_t rotary = graph.builder.type(graph.cos[table]).shape[kWidthAxis], half = rotary / 2;
  const bool is_part = rotary < width;
  const mil::Value turned = is_part ? graph.slice(base + "_turned", heads, kWidthAxis, 0, rotary) : heads;
  const mil::Value low = graph.slice(base + "_low", heads, kWidthAxis, 0, half);
  const mil::Value high = graph.slice(base + "_high", heads, kWidthAxis, half, rotary);
  const mil::Value swapped = graph.concat(base + "_swapped", {high, low}, static_cast<int32_t>(kWidthAxis));
  // The sign of the rotation is in the sine table.
  const mil::Value direct = graph.multiply(base + "_cos", turned, graph.cos[table]);
  const mil::Value crossed = graph.multiply(base + "_sin", swapped, graph.sin[table]);
  const mil::Value rotated = graph.add(is_part ? base + "_rotated" : base, direct, crossed);
  if (!is_part) return rotated;
  const mil::Value rest = graph.slice(base + "_rest", heads, kWidthAxis, rotary, width);
  return graph.concat(base, {rotated, rest}, static_cast<int32_t>(kWidthAxis));
}

}  // namespace cortland
