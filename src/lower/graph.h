// What the parts of the decoder share while one function is built.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lower/plan.h"
#include "lower/weight_store.h"
#include "mil/builder.h"
#include "model/weights.h"

namespace cortland {

// One function of T query tokens. Values are channels first: [1, C, 1, T].
struct Graph {
  const AnePlan& plan;
  const Weights& weights;
  WeightStore& store;
  WeightReport& report;
  mil::Builder builder;
  int64_t tokens;  // T

  // Inputs of the function.
  mil::Value ids = {};       // int32 [1, T]
  mil::Value position = {};  // int32 [1]
  mil::Value state = {};     // fp16 [2L, K', S, E']
  std::vector<mil::Value> masks = {};     // fp16 [1, 1, T, S], as AnePlan::masks
  std::vector<mil::Value> cos = {}, sin = {};  // fp16 [1, 1, T, R], as AnePlan::ropes
  mil::Value distance = {};  // fp16 [1, 1, T, S], with ALiBi only
  // Made once from the inputs.
  mil::Value position_end = {};  // int32 [1]: position + T
  mil::Value minus_one = {};     // fp16 scalar

  const ModelSpec& spec() const { return *plan.spec; }
  const LayerSpec& layer(size_t index) const { return plan.spec->layers[index]; }

  // The rank and axes of `x` changed.
  mil::Value reshape(std::string_view name, mil::Value x, Shape shape);
  mil::Value transpose(std::string_view name, mil::Value x, std::vector<int32_t> perm);
  // x[..., begin:end, ...] along one axis.
  mil::Value slice(std::string_view name, mil::Value x, size_t axis, int64_t begin, int64_t end);
  mil::Value concat(std::string_view name, std::vector<mil::Value> values, int32_t axis);
  // Zeros behind the elements of each axis, up to `shape`; x itself when it has that shape already.
  mil::Value pad_to(std::string_view name, mil::Value x, const Shape& shape);
  // The first elements of each axis, down to `shape`; x itself when it has that shape already.
  mil::Value crop_to(std::string_view name, mil::Value x, const Shape& shape);
  // An fp16 number.
  mil::Value number(std::string_view name, double value);
  mil::Value add(std::string_view name, mil::Value x, mil::Value y);
  mil::Value multiply(std::string_view name, mil::Value x, mil::Value y);
  // A weight, rows first: store.add().
  mil::Value weight(std::string_view name, const Binding& binding, const WeightRecipe& recipe, const Shape& shape, WeightPlace place);
  // A linear layer as a 1x1 convolution, with its bias if there is one: [1, in, 1, T] -> [1, rows, 1, T].
  mil::Value linear(std::string_view name, mil::Value x, Role role, int64_t layer, const WeightRecipe& recipe = {});
};

// "layers_3_q": the name of a value of a layer. Other parts of the project find a layer by this prefix.
std::string layer_name(size_t layer, std::string_view what);
// The layer that a value name belongs to; -1 when it is of none.
int64_t layer_of(std::string_view value_name);

}  // namespace cortland
