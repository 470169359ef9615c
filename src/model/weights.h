// The parameters of a spec bound to the tensors of a checkpoint.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "model/spec.h"

namespace cortland {

// Refers to the checkpoint and to the spec, which must outlive it.
class Weights {
 public:
  // Checks that every parameter is there with its shape and a floating type, and that every tensor is a parameter
  // or on the ignore list. Errors, listing all reasons at once: corrupt when a tensor is missing or has another shape,
  // otherwise unsupported.
  Weights(const ModelSpec& spec, const Checkpoint& checkpoint);

  const TensorEntry& entry(Role role, int64_t layer = -1) const;
  const Checkpoint& checkpoint() const { return checkpoint_; }
  // Tensors of the checkpoint that the ignore list names.
  const std::vector<std::string>& ignored() const { return ignored_; }

 private:
  const Checkpoint& checkpoint_;
  std::map<std::pair<Role, int64_t>, const TensorEntry*> entries_;
  std::vector<std::string> ignored_;
};

}  // namespace cortland
