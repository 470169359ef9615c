// The interface of a model as apps see it. Private: includes protobuf.
//
//   one function called "main":  ModelDescription{input, output, state, metadata}
//   otherwise:                   ModelDescription{functions{name, input, output, state}..., defaultFunctionName,
//                                metadata}
//
//   input, output  FeatureType{multiArrayType{shape, dataType}}; a flexible input also has a shapeRange with one range
//                  per dimension, and its shape is the initial one; a flexible or scalar output has no shape
//   state          FeatureType{stateType{arrayType{shape, dataType}}}
#pragma once

#include "coreml.pb.h"
#include "package/package.h"

namespace cortland {

// Fills description and specification version. Errors: invalid when the package cannot be described: no function, an
// unknown default function, an element type that no app can pass, a flexible input without its range.
void encode_description(const Package& package, proto::Model* out);

// An entry that is there already stays as it is.
void add_user_defined(const std::string& key, const std::string& value, proto::Model* out);

// Reads all but the program. `out->program` must be there already: names the functions. Errors: corrupt, unsupported.
void decode_description(const proto::Model& model, Package* out);

// The descriptions of one function, wherever they stand; nullptr when the model does not describe it.
struct InterfaceView {
  const google::protobuf::RepeatedPtrField<proto::FeatureDescription>* input = nullptr;
  const google::protobuf::RepeatedPtrField<proto::FeatureDescription>* output = nullptr;
  const google::protobuf::RepeatedPtrField<proto::FeatureDescription>* state = nullptr;
  explicit operator bool() const { return input != nullptr; }
};
InterfaceView find_interface(const proto::ModelDescription& description, std::string_view function);

}  // namespace cortland
