// What the parts of the decoder share while one function is built.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lower/cache.h"
#include "lower/plan.h"
#include "lower/weight_store.h"
#include "mil/builder.h"
#include "model/weights.h"

namespace cortland {

// How a profile lays out what it knows of each token.
enum class Layout {
  channels_first,  // [1, C, 1, T]; a linear layer is a 1x1 convolution
  token_major,     // [1, T, C]; a linear layer is `linear`
};

// One function of T query tokens.
struct Graph {
  const Plan& plan;
  const Weights& weights;
  WeightStore& store;
  WeightReport& report;
  mil::Builder builder;
  int64_t tokens;  // T; kUnknown when a call may have any number
  ModelPart part = {};
  Layout layout = Layout::channels_first;

  mil::Value ids = {};           // int32 [1, T]; absent in a part that takes rows
  mil::Value rows_in = {};       // fp16 [1, T, C], absent in a part that takes ids
  mil::Value position = {};      // int32 [1], of the first token; absent where nothing asks for it
  mil::Value position_end = {};  // int32 [1]: position + T, for states
  // int32 [1], of the ring: the slot of the first token, the one behind the last, and the slots in use; the last for
  // calls of any number of tokens.
  mil::Value slot = {}, slot_end = {}, slots_used = {};
  mil::Value row = {};  // fp16 [1, 1, 1, T], one-hot, where the function gives the logits of one of several rows
  // As Plan::masks, fp16 [1, 1, T, S or k], and as Plan::ropes, fp16 [1, 1, T, R]; absent where no layer of the part
  // asks.
  std::vector<mil::Value> masks = {};
  std::vector<mil::Value> cos = {}, sin = {};
  mil::Value distance = {};       // fp16 [1, 1, T, S or k], with ALiBi only
  mil::Value position_rows = {};  // int32 [1, T]: rows of a learned table; absent: they are made of the position
  std::unique_ptr<Cache> cache = {};
  mil::Value minus_one_made = {};  // fp16 scalar; absent until a part needs it

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
  // The bias of a layer that has none, fp16 [n]: devices do not apply the default of `linear`.
  mil::Value zeros(int64_t n);
  // An fp16 number.
  mil::Value number(std::string_view name, double value);
  mil::Value minus_one();  // one for all parts
  mil::Value add(std::string_view name, mil::Value x, mil::Value y);
  mil::Value multiply(std::string_view name, mil::Value x, mil::Value y);
  // A weight, rows first: store.add().
  mil::Value weight(std::string_view name, const Binding& binding, const WeightRecipe& recipe, const Shape& shape,
                    WeightPlace place);
  // A linear layer of the channels, with its bias if there is one; the bias is multiplied as the weights are, unless
  // told.
  mil::Value linear(std::string_view name, mil::Value x, Role role, int64_t layer, const WeightRecipe& recipe = {},
                    std::optional<double> bias_scale = {});
  // x times 2^-exponent; x itself when that is 1.
  mil::Value rescale(std::string_view name, mil::Value x, int exponent);

  // layout.cc: where the layouts differ.
  size_t channel_axis() const;
  // The axis T of n rows for each token; unknown when T is.
  int64_t rows(int64_t n) const { return tokens == kUnknown ? kUnknown : n * tokens; }
  // Rows [1, T, C] of a table as x.
  mil::Value from_rows(const std::string& name, mil::Value rows);
  // Channels as logits [1, T, C]; T is 1 when channels come first.
  mil::Value to_logits(const std::string& name, mil::Value x);
  // Channels as heads [1, heads, T, width], and back; `name` is the beginning of the names.
  mil::Value split_heads(const std::string& name, mil::Value x, int64_t heads, int64_t width);
  mil::Value join_heads(const std::string& name, mil::Value heads);
};

// "layers_3_q": the name of a value of a layer. Other parts of the project find a layer by this prefix.
std::string layer_name(size_t layer, std::string_view what);
// The layer that a value name belongs to; -1 when it is of none.
int64_t layer_of(std::string_view value_name);

}  // namespace cortland
