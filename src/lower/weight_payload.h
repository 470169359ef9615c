// Constants made of checkpoint tensors: a recipe now, bytes when the writer asks.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "mil/payload.h"
#include "tensor/convert.h"

namespace cortland {

// What the conversions of a run met, by tensor. Thread-safe.
class WeightReport {
 public:
  void add(const std::string& tensor, const ConvertStats& stats);
  // Tensors with values beyond fp16, with how many were saturated and the largest magnitude.
  std::map<std::string, ConvertStats> saturated() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ConvertStats> tensors_;
};

// A way from a checkpoint tensor to the bytes of a constant.
struct WeightRecipe {
  int64_t first_row = 0;  // rows of the first axis
  int64_t rows = -1;      // -1: all from first_row
  double scale = 1;       // multiplies every element, in fp32, before rounding
};

// Elements of `entry`, rounded to fp16, under `shape` (as many elements as the recipe selects). Nothing is read before
// produce(). The key does not depend on the shape. The checkpoint and the report must outlive the payload.
// Errors of produce(): corrupt for a NaN or an infinity, naming the tensor.
mil::PayloadPtr make_weight_payload(const Checkpoint& checkpoint, const TensorEntry& entry, const WeightRecipe& recipe,
                                    Shape shape, WeightReport& report);

// All elements of a small tensor as fp32. Errors: corrupt for a NaN or an infinity.
std::vector<float> read_floats(const Checkpoint& checkpoint, const TensorEntry& entry);

// fp16 constant of given values.
mil::PayloadPtr make_half_payload(Shape shape, const std::vector<float>& values);

}  // namespace cortland
