#include "lower/rescale.h"

#include <algorithm>

namespace cortland {

bool Rescale::is_needed() const {
  return std::any_of(stream.begin(), stream.end(), [](int exponent) { return exponent != 0; }) ||
         std::any_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer != Layer{}; });
}

BranchPlaces attention_places(const ModelSpec& spec, size_t layer) {
  return {2 * layer, spec.layers[layer].parallel ? 2 * layer + 2 : 2 * layer + 1};
}

BranchPlaces mlp_places(const ModelSpec& spec, size_t layer) {
  return {spec.layers[layer].parallel ? 2 * layer : 2 * layer + 1, 2 * layer + 2};
}

bool has_attention_norm(const LayerSpec& layer) { return layer.pre_attention_norm.has_value(); }

bool has_mlp_norm(const LayerSpec& layer) {
  return layer.pre_mlp_norm.has_value() || (layer.parallel && layer.pre_attention_norm.has_value());
}

int activation_degree(const MlpSpec& mlp) {
  if (mlp.gated || mlp.activation == Activation::relu) return 1;
  return mlp.activation == Activation::relu_squared ? 2 : 0;
}

}  // namespace cortland
