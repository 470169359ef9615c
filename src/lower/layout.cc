#include "lower/graph.h"
#include "mil/ops/shape.h"

namespace cortland {

size_t Graph::channel_axis() const { return layout == Layout::channels_first ? 1 : 2; }

mil::Value Graph::from_rows(const std::string& name, mil::Value rows) {
  if (layout == Layout::token_major) return rows;
  const mil::Value channels = transpose(name + "_channels", rows, {0, 2, 1});
  return builder.add(name + "_columns", mil::ExpandDims{.x = channels, .axes = {2}});
}

mil::Value Graph::to_logits(const std::string& name, mil::Value x) {
  if (layout == Layout::token_major) return x;
  // The vocabulary goes to the last axis: a last axis of 1 would be stored 32 times as large.
  return reshape(name + "_logits", x, {1, 1, builder.type(x).shape[1]});
}

mil::Value Graph::split_heads(const std::string& name, mil::Value x, int64_t heads, int64_t width) {
  if (layout == Layout::token_major) {
    const mil::Value split = reshape(name + "_heads", x, {1, tokens, heads, width});
    return transpose(name + "_rows", split, {0, 2, 1, 3});
  }
  const mil::Value split = reshape(name + "_heads", x, {1, heads, width, tokens});
  return transpose(name + "_rows", split, {0, 1, 3, 2});
}

mil::Value Graph::join_heads(const std::string& name, mil::Value heads) {
  const Shape shape = builder.type(heads).shape;  // [1, H, T, E]
  const int64_t channels = shape[1] * shape[3];
  if (layout == Layout::token_major) {
    const mil::Value tokens_first = transpose(name + "_tokens", heads, {0, 2, 1, 3});
    return reshape(name + "_channels", tokens_first, {1, tokens, channels});
  }
  const mil::Value columns = transpose(name + "_columns", heads, {0, 1, 3, 2});
  return reshape(name + "_channels", columns, {1, channels, 1, tokens});
}

}  // namespace cortland
