// The parameters of a spec bound to the tensors of a checkpoint.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "model/spec.h"

namespace cortland {

// A parameter and its stored tensors.
struct Binding {
  const Parameter* parameter = nullptr;
  std::vector<const TensorEntry*> entries;
};

// Refers to the checkpoint and to the spec, which must outlive it. Immutable and thread-safe.
class Weights {
 public:
  // Checks that every parameter is there with its shape and a type that can be read, and that every tensor is part of a
  // parameter or on the ignore list. Errors, listing all reasons at once: corrupt when a tensor is missing or has
  // another shape, otherwise unsupported.
  Weights(const ModelSpec& spec, const Checkpoint& checkpoint);

  bool has(const ParameterId& id) const { return bindings_.count(id) != 0; }
  // Errors: invalid when the model has no such parameter.
  const Binding& binding(const ParameterId& id) const;
  const Checkpoint& checkpoint() const { return checkpoint_; }
  // Tensors of the checkpoint that the ignore list names.
  const std::vector<std::string>& ignored() const { return ignored_; }

  // Elements of a parameter, in its own order from `first` on, as fp32.
  void read(const Binding& binding, int64_t first, std::span<float> out) const;
  // All of them. Errors: invalid; corrupt for a NaN or an infinity, naming the tensor.
  std::vector<float> values(const ParameterId& id) const;
  // "checkpoint: tensor model.norm.weight: holds a NaN or an infinity; ..."
  [[noreturn]] void refuse_non_finite(const Binding& binding) const;

 private:
  // The same as stored, without columns and offset.
  void read_runs(const Binding& binding, int64_t first, std::span<float> out) const;

  const Checkpoint& checkpoint_;
  std::map<ParameterId, Binding> bindings_;
  std::vector<std::string> ignored_;
};

// The stored tensor that a spec calls so, under the name that it has in this checkpoint; nullptr when there is none.
const TensorEntry* find_tensor(const ModelSpec& spec, const Checkpoint& checkpoint, const std::string& name);

// Calls run(entry, first, count) for the stored elements, as long as they lie in one piece, that make up `count`
// elements of a parameter from `first` on. REQUIRES: the parameter is not transposed and has its columns as stored.
void for_each_run(const Binding& binding, int64_t first, int64_t count,
                  const std::function<void(const TensorEntry& entry, int64_t first, int64_t count)>& run);

}  // namespace cortland
