#include "lower/graph.h"

#include <charconv>
#include <cmath>

#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"

namespace cortland {

std::string layer_name(size_t layer, std::string_view what) { return fmt::format("layers_{}_{}", layer, what); }

int64_t layer_of(std::string_view value_name) {
  constexpr std::string_view kPrefix = "layers_";
  int64_t layer = -1;
  if (value_name.starts_with(kPrefix)) {
    std::from_chars(value_name.data() + kPrefix.size(), value_name.data() + value_name.size(), layer);
  }
  return layer;
}

mil::Value Graph::reshape(std::string_view name, mil::Value x, Shape shape) {
  return builder.add(name, mil::Reshape{.x = x, .shape = std::vector<int32_t>(shape.begin(), shape.end())});
}

mil::Value Graph::transpose(std::string_view name, mil::Value x, std::vector<int32_t> perm) {
  return builder.add(name, mil::Transpose{.x = x, .perm = std::move(perm)});
}

mil::Value Graph::slice(std::string_view name, mil::Value x, size_t axis, int64_t begin, int64_t end) {
  const Shape& shape = builder.type(x).shape;
  std::vector<int32_t> from(shape.size(), 0), to(shape.begin(), shape.end());
  from[axis] = static_cast<int32_t>(begin);
  to[axis] = static_cast<int32_t>(end);
  mil::SliceByIndex op{.x = x, .begin = from, .end = to};
  if (!is_fixed(shape)) {
    op.end_mask.emplace();
    for (const int64_t dim : shape) op.end_mask->push_back(dim == kUnknown);
  }
  return builder.add(name, op);
}

mil::Value Graph::concat(std::string_view name, std::vector<mil::Value> values, int32_t axis) {
  return builder.add(name, mil::Concat{.values = std::move(values), .axis = axis});
}

mil::Value Graph::pad_to(std::string_view name, mil::Value x, const Shape& shape) {
  const Shape& from = builder.type(x).shape;
  if (from == shape) return x;
  std::vector<int32_t> pad;
  for (size_t i = 0; i < shape.size(); ++i) {
    pad.push_back(0);
    pad.push_back(static_cast<int32_t>(shape[i] - from[i]));
  }
  return builder.add(name, mil::Pad{.x = x, .pad = pad, .constant_val = {0, DType::f16}});
}

mil::Value Graph::crop_to(std::string_view name, mil::Value x, const Shape& shape) {
  if (builder.type(x).shape == shape) return x;
  return builder.add(name, mil::SliceByIndex{.x = x,
                                             .begin = std::vector<int32_t>(shape.size(), 0),
                                             .end = std::vector<int32_t>(shape.begin(), shape.end())});
}

mil::Value Graph::number(std::string_view name, double value) {
  return builder.constant(name, mil::Literal::of(mil::Scalar{static_cast<float>(value), DType::f16}));
}

mil::Value Graph::minus_one() {
  if (!minus_one_made) minus_one_made = number("minus_one", -1);
  return minus_one_made;
}

mil::Value Graph::add(std::string_view name, mil::Value x, mil::Value y) {
  return builder.add(name, mil::Add{.x = x, .y = y});
}

mil::Value Graph::multiply(std::string_view name, mil::Value x, mil::Value y) {
  return builder.add(name, mil::Mul{.x = x, .y = y});
}

mil::Value Graph::weight(std::string_view name, const Binding& binding, const WeightRecipe& recipe, const Shape& shape,
                         WeightPlace place) {
  return store.add(builder, name, binding, recipe, shape, place);
}

mil::Value Graph::rescale(std::string_view name, mil::Value x, int exponent) {
  if (exponent == 0) return x;
  const std::string power = fmt::format("two_to_{}{}", exponent > 0 ? "minus_" : "", std::abs(exponent));
  return multiply(name, x, number(power, std::ldexp(1.0, -exponent)));
}

mil::Value Graph::linear(std::string_view name, mil::Value x, Role role, int64_t layer, const WeightRecipe& recipe,
                         std::optional<double> bias_scale) {
  const WeightPlace place = role == Role::head || role == Role::embedding ? WeightPlace::head : WeightPlace::body;
  const Binding& matrix = weights.binding({role, layer});
  const Shape& shape = matrix.parameter->shape;
  const int64_t rows = recipe.rows < 0 ? shape[0] - recipe.first_row : recipe.rows;
  const ParameterId bias_id{role, layer, Part::bias};
  if (recipe.scale != 1 && store.keeps(matrix, rows, place)) {
    // Codes of a checkpoint take no factor.
    WeightRecipe plain = recipe;
    plain.scale = 1;
    const std::string base(name);
    return multiply(name, linear(base + "_unscaled", x, role, layer, plain), number(base + "_scale", recipe.scale));
  }
  const auto bias = [&] {
    WeightRecipe of_bias = recipe;
    of_bias.scale = bias_scale.value_or(recipe.scale);
    return weight(std::string(name) + "_bias", weights.binding(bias_id), of_bias, {rows}, place);
  };
  if (layout == Layout::token_major) {
    return builder.add(
        name, mil::Linear{.x = x,
                          .weight = weight(std::string(name) + "_weight", matrix, recipe, {rows, shape[1]}, place),
                          .bias = weights.has(bias_id) ? bias() : zeros(rows)});
  }
  mil::Conv conv{.x = x,
                 .weight = weight(std::string(name) + "_weight", matrix, recipe, {rows, shape[1], 1, 1}, place)};
  if (weights.has(bias_id)) conv.bias = bias();
  return builder.add(name, conv);
}

mil::Value Graph::zeros(int64_t n) {
  std::vector<std::byte> bytes(static_cast<size_t>(n) * sizeof(uint16_t));
  return builder.constant(fmt::format("zeros_{}", n), mil::make_bytes_payload(DType::f16, {n}, std::move(bytes)));
}

}  // namespace cortland
