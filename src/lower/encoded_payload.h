// The parts of an encoded matrix as constants.
#pragma once

#include <memory>

#include "mil/payload.h"
#include "quant/encoded_matrix.h"

namespace cortland {

// `shape` has as many elements as the part.
mil::PayloadPtr make_encoded_payload(std::shared_ptr<const EncodedMatrix> matrix, EncodedPart part, Shape shape);
// Its codes as uint8 [bytes]: the form of older palettes.
mil::PayloadPtr make_byte_payload(std::shared_ptr<const EncodedMatrix> matrix, int64_t bytes);

}  // namespace cortland
