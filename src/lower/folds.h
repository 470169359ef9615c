// Factors that leave a model as it is and make its weights easier to encode.
//
//   attention_output (softmax(...) value x)       rows of value * t, columns of attention_output / t
//   down (activation(gate x) * up x)              rows of up * t,    columns of down / t
//
// t is one power of two for each row, so nothing is rounded: only exponents change. Query heads that share a key/value head share
// its factors. The weights alone decide: training leaves a column small where its input is large, so bringing the columns to one
// size also makes the inputs more alike (SINQ, arXiv 2509.22944).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "model/weights.h"

namespace cortland {

// Thread-safe. What it refers to must outlive it. Factors are computed when a pair of weights is first asked for.
class Folds {
 public:
  Folds(const ModelSpec& spec, const Weights& weights);

  // What the rows of a weight or the elements of its bias, or the columns of a weight, are multiplied with; empty: nothing.
  // Errors: corrupt for a NaN or an infinity, naming the tensor.
  std::span<const float> rows(const ParameterId& id) const;
  std::span<const float> columns(const ParameterId& id) const;
  // Whether there is either.
  bool has(const ParameterId& id) const { return find(id) != nullptr; }

 private:
  // Two weights with nothing but products and sums between them.
  struct Pair {
    ParameterId first, second;  // the rows of one meet the columns of the other
    int64_t width = 0;          // consecutive rows that stay together: of a head
    int64_t repeats = 1;        // columns of `second` for each row of `first`, `width` apart
    std::once_flag once;
    std::vector<float> rows, columns;
  };

  Pair* find(const ParameterId& id) const;
  const Pair& computed(Pair& pair) const;

  const Weights& weights_;
  mutable std::vector<std::array<std::unique_ptr<Pair>, 2>> layers_;  // of attention and mlp; nullptr where something lies between
};

}  // namespace cortland
