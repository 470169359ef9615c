#include "lower/parts.h"
#include "mil/ops/elementwise.h"

namespace cortland {

mil::Value lower_rope(Graph& graph, std::string_view name, mil::Value heads, size_t table) {
  constexpr size_t kWidthAxis = 3;
  const std::string base(name);
  const int64_t width = graph.builder.type(heads).shape[kWidthAxis], half = width / 2;
  const mil::Value low = graph.slice(base + "_low", heads, kWidthAxis, 0, half);
  const mil::Value high = graph.slice(base + "_high", heads, kWidthAxis, half, width);
  const mil::Value swapped = graph.concat(base + "_swapped", {high, low}, static_cast<int32_t>(kWidthAxis));
  // The sign of the rotation is in the sine table.
  const mil::Value direct = graph.builder.add(base + "_cos", mil::Mul{.x = heads, .y = graph.cos[table]});
  const mil::Value crossed = graph.builder.add(base + "_sin", mil::Mul{.x = swapped, .y = graph.sin[table]});
  return graph.builder.add(name, mil::Add{.x = direct, .y = crossed});
}

}  // namespace cortland
