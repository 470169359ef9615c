// Operations that turn compressed weights into tensors when a model is loaded. Their eval is the one place that says
// what compressed weights mean. Up to CoreML7 their parameters are attributes, from CoreML8 on inputs, but for the
// affine form, which stayed as it was (coreml-format, section 4.4).
#pragma once

#include "mil/op.h"

namespace cortland::mil {

// y = scale * (data - offset). C1: scale has the rank of data. C2: each of its dimensions divides that of data; the
// quotients are the sides of a block. C3: offset has the shape of scale, and the type of data or a float type.
struct ConstexprBlockwiseShiftScale {
  static constexpr std::string_view kName = "constexpr_blockwise_shift_scale";
  static constexpr Opset kSince = Opset::coreml8;
  Binding data;
  Binding scale;
  std::optional<Binding> offset = {};
  static constexpr auto fields() {
    return std::tuple{field("data", &ConstexprBlockwiseShiftScale::data),
                      field("scale", &ConstexprBlockwiseShiftScale::scale),
                      optional_field("offset", &ConstexprBlockwiseShiftScale::offset)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// y = lut[group][indices]. C1: lut is [g0, ..., gk-1, 2^n, V] for indices of n bits and rank k; each g divides the
// dimension. C2: vector_axis, when V > 1, is the axis of the result that V values of an entry lie along.
struct ConstexprLutToDense {
  static constexpr std::string_view kName = "constexpr_lut_to_dense";
  static constexpr Opset kSince = Opset::coreml8;
  Binding indices;
  Binding lut;
  std::optional<int32_t> vector_axis = {};
  static constexpr auto fields() {
    return std::tuple{field("indices", &ConstexprLutToDense::indices), field("lut", &ConstexprLutToDense::lut),
                      optional_field("vector_axis", &ConstexprLutToDense::vector_axis)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// The older form: lut is [2^n], indices are a stream of n-bit numbers in uint8 [M], shape says what they are. C1: n is
// 1, 2, 4, 6 or 8. C2: M bytes are just enough.
struct ConstexprLutToDense16 {
  static constexpr std::string_view kName = "constexpr_lut_to_dense";
  static constexpr Opset kSince = Opset::coreml6;
  Binding indices;
  Binding lut;
  Binding shape;  // uint32 [K]
  static constexpr auto fields() {
    return std::tuple{attribute_field("indices", &ConstexprLutToDense16::indices),
                      attribute_field("lut", &ConstexprLutToDense16::lut),
                      attribute_field("shape", &ConstexprLutToDense16::shape)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// y = scale * (quantized_data - zero_point), both scalars or vectors along `axis`.
struct ConstexprAffineDequantize {
  static constexpr std::string_view kName = "constexpr_affine_dequantize";
  static constexpr Opset kSince = Opset::coreml6;
  Binding quantized_data;
  Binding zero_point;
  Binding scale;
  int32_t axis = 0;
  static constexpr auto fields() {
    return std::tuple{attribute_field("quantized_data", &ConstexprAffineDequantize::quantized_data),
                      attribute_field("zero_point", &ConstexprAffineDequantize::zero_point),
                      attribute_field("scale", &ConstexprAffineDequantize::scale),
                      attribute_field("axis", &ConstexprAffineDequantize::axis)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// y = nonzero_data where mask is 1, in order, and 0 elsewhere. C1: mask is uint1. C2: as many values as ones.
struct ConstexprSparseToDense {
  static constexpr std::string_view kName = "constexpr_sparse_to_dense";
  static constexpr Opset kSince = Opset::coreml8;
  Binding nonzero_data;
  Binding mask;
  static constexpr auto fields() {
    return std::tuple{field("nonzero_data", &ConstexprSparseToDense::nonzero_data),
                      field("mask", &ConstexprSparseToDense::mask)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// The older form: the mask is a stream of bits in uint8 [M], shape says of what.
struct ConstexprSparseToDense16 {
  static constexpr std::string_view kName = "constexpr_sparse_to_dense";
  static constexpr Opset kSince = Opset::coreml6;
  Binding nonzero_data;
  Binding mask;
  Binding shape;  // uint32 [K]
  static constexpr auto fields() {
    return std::tuple{attribute_field("nonzero_data", &ConstexprSparseToDense16::nonzero_data),
                      attribute_field("mask", &ConstexprSparseToDense16::mask),
                      attribute_field("shape", &ConstexprSparseToDense16::shape)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// Codes of what a mask leaves. The results are the mask and the numbers, in the order of the mask's ones, for
// constexpr_sparse_to_dense. Scales belong to places in the dense tensor, as in constexpr_blockwise_shift_scale: C1 to
// C3 as there, with the shape of data_mask. C4: as many codes as ones.
struct ConstexprSparseBlockwiseShiftScale {
  static constexpr std::string_view kName = "constexpr_sparse_blockwise_shift_scale";
  static constexpr Opset kSince = Opset::coreml8;
  Binding data_mask;     // uint1
  Binding nonzero_data;  // [D]
  Binding scale;
  std::optional<Binding> offset = {};
  static constexpr auto fields() {
    return std::tuple{field("data_mask", &ConstexprSparseBlockwiseShiftScale::data_mask),
                      field("nonzero_data", &ConstexprSparseBlockwiseShiftScale::nonzero_data),
                      field("scale", &ConstexprSparseBlockwiseShiftScale::scale),
                      optional_field("offset", &ConstexprSparseBlockwiseShiftScale::offset)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// The same with tables: C1 and C2 as in constexpr_lut_to_dense, with the shape of indices_mask; entries of V numbers
// repeat the mask V times along vector_axis. C3: as many indices as ones.
struct ConstexprLutToSparse {
  static constexpr std::string_view kName = "constexpr_lut_to_sparse";
  static constexpr Opset kSince = Opset::coreml8;
  Binding indices_mask;          // uint1
  Binding indices_nonzero_data;  // [D]
  Binding lut;
  std::optional<int32_t> vector_axis = {};
  static constexpr auto fields() {
    return std::tuple{field("indices_mask", &ConstexprLutToSparse::indices_mask),
                      field("indices_nonzero_data", &ConstexprLutToSparse::indices_nonzero_data),
                      field("lut", &ConstexprLutToSparse::lut),
                      optional_field("vector_axis", &ConstexprLutToSparse::vector_axis)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

// How finely a constexpr operation can tell numbers apart: the bits of a code, of V numbers with V-th parts of it; 4
// where a mask takes numbers away, which costs no less; 16 where there are no codes.
int code_bits(const Function& function, const Operation& operation);

}  // namespace cortland::mil
