// Fields of a protobuf Model that this program does not know.
//
//   message  tag value, repeated; tag = varint(field number << 3 | wire type)
//   value    0: varint; 1: 8 bytes; 2: varint length, bytes; 5: 4 bytes
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cortland {

// Paths of numbers from the Model down, such as "502.2.99", each once, in order of appearance. REQUIRES: the bytes
// parse as a Model.
std::vector<std::string> find_unknown_fields(std::span<const std::byte> model);

}  // namespace cortland
