// The operation that turns the parts of an encoded matrix into a tensor.
#pragma once

#include <memory>
#include <variant>

#include "mil/ops/constexpr.h"
#include "quant/encoded_matrix.h"

namespace cortland {

using EncodedOp = std::variant<mil::ConstexprBlockwiseShiftScale, mil::ConstexprLutToDense, mil::ConstexprLutToDense16,
                               mil::ConstexprAffineDequantize>;

// In the form that `opset` has, with a result of `shape`, rows first. REQUIRES: the opset has one (WeightFormats).
EncodedOp make_encoded_op(const std::shared_ptr<const EncodedMatrix>& matrix, const Shape& shape, mil::Opset opset);

}  // namespace cortland
