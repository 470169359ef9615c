// Factors that leave a model as it is and make its weights easier to encode.
//
//   attention_output (softmax(...) value x)       rows of value * t, columns of attention_output / t
//   down (activation(gate x) * up x)              rows of up * t,    columns of down / t
//   query, key, value (norm(x) * gain + bias)     gain, bias * t,    columns of query, key and value / t
//   gate, up, or an untied head                   the same of the norm before them
//
// t is one power of two for each row or gain, so nothing is rounded: only exponents change. Query heads that share a
// key/value head share its factors. The weights alone decide: training leaves a column small where its input is large,
// so bringing the columns to one size also makes the inputs more alike (SINQ, arXiv 2509.22944).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "model/weights.h"

namespace cortland {

// Thread-safe. What it refers to must outlive it. Factors are computed when a pair of weights is first asked for.
class Folds {
 public:
  Folds(const ModelSpec& spec, const Weights& weights);

  // What the rows of a weight or the elements of a gain or a bias, or the columns of a weight, are multiplied with;
  // empty: nothing. Errors: corrupt for a NaN or an infinity, naming the tensor.
  std::span<const float> rows(const ParameterId& id) const;
  std::span<const float> columns(const ParameterId& id) const;
  // Whether there is either.
  bool has(const ParameterId& id) const { return find_rows(id) != nullptr || find_columns(id) != nullptr; }

 private:
  // Parameters with nothing but products and sums between them.
  struct Fold {
    ParameterId first;                // its rows meet the columns of the others
    std::vector<ParameterId> second;
    int64_t width = 0;                // consecutive rows that stay together: of a head
    int64_t repeats = 1;              // columns of `second` for each row of `first`, `width` apart
    std::once_flag once;
    std::vector<float> rows, columns;
  };

  void add(const ParameterId& first, std::vector<ParameterId> second, int64_t width, int64_t repeats);
  Fold* find_rows(const ParameterId& id) const;
  Fold* find_columns(const ParameterId& id) const;
  const Fold& computed(Fold& fold) const;

  const Weights& weights_;
  std::map<std::pair<Role, int64_t>, std::unique_ptr<Fold>> folds_;  // by role and layer of `first`
  std::map<ParameterId, Fold*> by_second_;
};

}  // namespace cortland
