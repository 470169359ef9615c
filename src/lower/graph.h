// What the parts of the decoder share while one function is built.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lower/cache.h"
#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "mil/builder.h"
#include "model/weights.h"

namespace cortland {

// One function of T query tokens. Values are channels first: [1, C, 1, T].
struct Graph {
  const AnePlan& plan;
  const Weights& weights;
  WeightReport& report;
  mil::Builder builder;
  int64_t tokens;  // T

  // Inputs of the function.
  mil::Value ids = {};       // int32 [1, T]
  mil::Value position = {};  // int32 [1], where the graph itself needs it
  mil::Value row = {};       // fp16 [1, 1, 1, T], one-hot, where the function gives the logits of one of several rows
  std::vector<mil::Value> masks = {};     // fp16 [1, 1, T, S], as AnePlan::masks
  std::vector<mil::Value> cos = {}, sin = {};  // fp16 [1, 1, T, R], as AnePlan::ropes
  mil::Value distance = {};  // fp16 [1, 1, T, S], with ALiBi only
  std::unique_ptr<Cache> cache = {};
  // Made once.
  mil::Value minus_one = {};  // fp16 scalar

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
  // A linear layer as a 1x1 convolution, with its bias if there is one: [1, in, 1, T] -> [1, rows, 1, T].
  mil::Value linear(std::string_view name, mil::Value x, Role role, int64_t layer, const WeightRecipe& recipe = {});
};

// "layers_3_q": the name of a value of a layer. Other parts of the project find a layer by this prefix.
std::string layer_name(size_t layer, std::string_view what);
// The layer that a value name belongs to; -1 when it is of none.
int64_t layer_of(std::string_view value_name);

}  // namespace cortland
