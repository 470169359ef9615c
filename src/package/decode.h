// From the protobuf Model to a program in memory. Private: includes protobuf.
#pragma once

#include <functional>
#include <string>

#include "coreml.pb.h"
#include "mil/program.h"

namespace cortland {

// Makes the payload of a blob: its record's file and offset, and what it must hold. Errors: corrupt, not_found.
using BlobSource =
    std::function<mil::PayloadPtr(const std::string& file_name, uint64_t offset, const mil::Type& type)>;

// Parses model.mlmodel into a message that is empty. Errors: corrupt; unsupported for a model that is no ML Program.
void parse_model(std::span<const std::byte> bytes, proto::Model& model);

// Functions come in the order of the description, arguments in the order of the op's fields. An op that is not known
// keeps row == nullptr. Errors: corrupt, unsupported, naming function, operation and parameter.
mil::Program decode_program(const proto::Model& model, const BlobSource& blobs);

// The functions of the program in the order of the description; those that it forgets follow by name.
std::vector<std::string> function_names(const proto::Model& model);

// One function by itself.
mil::Function decode_function(const std::string& name, const proto::Function& function, const BlobSource& blobs);

}  // namespace cortland
