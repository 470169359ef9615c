// From a package in memory to the protobuf Model. Private: includes protobuf.
#pragma once

#include "coreml.pb.h"
#include "package/package.h"
#include "package/weight_plan.h"

namespace cortland {

// Errors: invalid, naming the function and the operation.
void encode_model(const Package& package, const WeightPlan& plan, proto::Model* out);

// The bytes of model.mlmodel; equal messages give equal bytes. Errors: unsupported beyond 2 GB.
std::string print_model(const proto::Model& model);

}  // namespace cortland
