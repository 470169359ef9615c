// Powers of two that keep values within fp16 and change nothing that a model computes. An exponent k means that the
// package has a value times 2^-k:
//
//   the residual stream                 gains of the norms before an addition, or the weights before it   times 2^-k
//   value, and what is attended         rows of value times 2^-k,  columns of attention_output times 2^k
//   up, and what is multiplied with it  rows of up times 2^-k,     columns of down times 2^k (relu^2: 2^2k)
//   what a branch gives to its norm     weights of attention_output or down times 2^-k
//
// A norm of what is scaled has epsilon * 2^-2k and gives the same; a linear layer that reads the stream itself has its
// weights times 2^k. Exponents alone change, so nothing is rounded that was not before: but for weights near fp16's
// smallest, and for an epsilon that fp16 cannot hold.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "model/spec.h"

namespace cortland {

struct Rescale {
  struct Layer {
    int value = 0;
    int up = 0;
    int attention_output = 0, mlp_output = 0;  // where a norm comes behind; otherwise the stream decides
    bool operator==(const Layer&) const = default;
  };
  // Places of the stream: 0 is the embedding, 2l + 1 behind the attention of layer l, 2l + 2 behind its mlp. [2L + 1],
  // or empty: all 0.
  std::vector<int> stream;
  std::vector<Layer> layers;  // [L], or empty: all 0

  int at(size_t place) const { return stream.empty() ? 0 : stream[place]; }
  Layer layer(size_t index) const { return layers.empty() ? Layer{} : layers[index]; }
  // Whether there is any exponent but 0.
  bool is_needed() const;
};

// Where a branch reads the stream, and where its addition leaves it.
struct BranchPlaces {
  size_t source = 0, target = 0;
};
BranchPlaces attention_places(const ModelSpec& spec, size_t layer);
BranchPlaces mlp_places(const ModelSpec& spec, size_t layer);

// Whether attention, or the mlp, reads the stream through a norm.
bool has_attention_norm(const LayerSpec& layer);
bool has_mlp_norm(const LayerSpec& layer);

// By how much the exponent of what enters `down` grows with that of up: 0 where the activation allows none.
int activation_degree(const MlpSpec& mlp);

// The norm of values times 2^-exponent.
inline NormSpec rescaled(NormSpec norm, int exponent) {
  norm.epsilon = std::ldexp(norm.epsilon, -2 * exponent);
  return norm;
}

}  // namespace cortland
