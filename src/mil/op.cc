#include "mil/op.h"

#include <algorithm>

namespace cortland::mil {

const Type& Inference::tensor(Value value) const {
  check(static_cast<bool>(value), "an operand is missing");
  const Type& type = function_.value(value.id).type;
  check(!type.is_state, "operand {} is a state, want a tensor", function_.value(value.id).name);
  return type;
}

const Type& Inference::state(Value value) const {
  const Type& type = function_.value(value.id).type;
  check(type.is_state, "operand {} is a tensor, want a state", function_.value(value.id).name);
  return type;
}

const Type& Inference::float_tensor(Value value) const {
  const Type& type = tensor(value);
  check(type.dtype == DType::f16 || type.dtype == DType::f32, "operand {}: got {}, want fp16 or fp32",
        function_.value(value.id).name, type);
  return type;
}

int64_t Inference::length(const Ints& ints) const {
  if (ints.is_constant()) return static_cast<int64_t>(ints.literal.size());
  const Type& type = tensor(ints.value);
  check(type.shape.size() == 1 && (type.dtype == DType::i32 || type.dtype == DType::i16 || type.dtype == DType::i8),
        "operand {}: got {}, want a vector of integers", function_.value(ints.value.id).name, type);
  return type.shape.front();
}

Type Inference::binding(const Binding& binding) const {
  if (const auto* literal = std::get_if<Literal>(&binding)) return {literal->dtype, literal->shape};
  if (const auto* payload = std::get_if<PayloadPtr>(&binding)) return {(*payload)->dtype(), (*payload)->shape()};
  return tensor({std::get<ValueId>(binding)});
}

void Inference::require_same_dtype(Value a, Value b) const {
  check(tensor(a).dtype == tensor(b).dtype, "operands {} and {}: got {} and {}, want one element type",
        function_.value(a.id).name, function_.value(b.id).name, tensor(a), tensor(b));
}

size_t Inference::axis(int32_t axis, size_t rank) const {
  const auto r = static_cast<int64_t>(rank);
  check(axis >= -r && axis < r, "axis {} is out of range for rank {}", axis, rank);
  return static_cast<size_t>(axis < 0 ? axis + r : axis);
}

void Inference::fail(const std::string& what) const {
  cortland::fail(ErrorCode::corrupt, "{} ({}): {}", operation_.name, operation_.type, what);
}

std::vector<int32_t> Evaluation::ints(const Ints& parameter) {
  if (parameter.is_constant()) return parameter.literal;
  const auto values = get(parameter.value).ints();
  return {values.begin(), values.end()};
}

Operand Evaluation::operand(const Binding& binding) {
  Operand out;
  if (const auto* id = std::get_if<ValueId>(&binding)) {
    const Tensor& tensor = get({*id});
    out.dtype = tensor.dtype();
    out.shape = tensor.shape();
    out.elements = tensor.elements();
    return out;
  }
  if (const auto* literal = std::get_if<Literal>(&binding)) {
    const auto copy = std::make_shared<const Literal>(*literal);
    out = {copy->dtype, copy->shape, nullptr, copy->bytes, copy};
  } else {
    const PayloadPtr payload = std::get<PayloadPtr>(binding);
    out = {payload->dtype(), payload->shape(), nullptr, payload->view(), payload};
    if (out.bytes.empty()) {
      const auto bytes = std::make_shared<const std::vector<std::byte>>(produce_all(*payload));
      out.bytes = *bytes;
      out.owner = bytes;
    }
  }
  out.elements = make_stored_elements(out.dtype, out.bytes, out.owner);
  return out;
}

std::optional<Shape> broadcast_shapes(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    int64_t& dim = out[out.size() - 1 - i];
    if (x == y || y == 1) {
      dim = x;
    } else if (x == 1 || x == kUnknown) {
      dim = y;
    } else if (y == kUnknown) {
      dim = x;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

Shape run_time_shape(std::string_view op, const Shape& a, const Shape& b) {
  const auto shape = broadcast_shapes(a, b);
  if (!shape) fail(ErrorCode::invalid, "{}: shapes {} and {} do not broadcast", op, to_string(a), to_string(b));
  return *shape;
}

}  // namespace cortland::mil
