// The layout is described in value_codec.h.
#include "package/value_codec.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "package/layout.h"

namespace cortland {
namespace {

// No tensor of a model comes near this; it keeps every later product of sizes far from overflow.
constexpr uint64_t kMaxElements = uint64_t{1} << 48;

enum class Wire { none, bools, ints, long_ints, floats, doubles, strings, bytes };

Wire wire_of(DType dtype) {
  switch (dtype) {
    case DType::boolean: return Wire::bools;
    case DType::string: return Wire::strings;
    case DType::i16:
    case DType::i32:
    case DType::u16: return Wire::ints;
    case DType::i64:
    case DType::u64: return Wire::long_ints;
    case DType::f32: return Wire::floats;
    case DType::f64: return Wire::doubles;
    case DType::bf16:
    case DType::f8_e4m3:
    case DType::f8_e5m2: return Wire::none;
    default: return Wire::bytes;
  }
}

template <typename T, typename List>
void append_as(const std::vector<std::byte>& bytes, List* out) {
  out->Reserve(static_cast<int>(bytes.size() / sizeof(T)));
  for (size_t at = 0; at < bytes.size(); at += sizeof(T)) out->Add(load_le<T>(bytes, at));
}

template <typename T, typename List>
std::vector<std::byte> bytes_of(const List& list) {
  std::vector<std::byte> bytes(static_cast<size_t>(list.size()) * sizeof(T));
  size_t at = 0;
  for (const auto value : list) {
    require(std::in_range<T>(value), ErrorCode::corrupt, "constant: got {}, which its element type cannot hold", value);
    store_le(std::span(bytes), at, static_cast<T>(value));
    at += sizeof(T);
  }
  return bytes;
}

template <typename List>
std::vector<std::byte> copy_of(const List& list) {
  std::vector<std::byte> bytes(static_cast<size_t>(list.size()) * sizeof(*list.data()));
  if (!bytes.empty()) std::memcpy(bytes.data(), list.data(), bytes.size());
  return bytes;
}

void encode_tensor_type(DType dtype, const Shape& shape, proto::TensorType* out) {
  out->set_data_type(row_of(dtype).mil_code);
  out->set_rank(static_cast<int64_t>(shape.size()));
  for (const int64_t dim : shape) {
    proto::Dimension* dimension = out->add_dimensions();
    if (dim == kUnknown) {
      dimension->mutable_unknown();
    } else {
      dimension->mutable_constant()->set_size(static_cast<uint64_t>(dim));
    }
  }
}

mil::Type decode_tensor_type(const proto::TensorType& type) {
  const DTypeRow* row = find_mil_dtype(type.data_type());
  require(row != nullptr, ErrorCode::corrupt, "type: element type {} is not known", type.data_type());
  require(type.rank() == type.dimensions_size(), ErrorCode::corrupt, "type: rank {} with {} dimensions", type.rank(),
          type.dimensions_size());
  mil::Type out{row->dtype, {}};
  uint64_t elements = 1;
  for (const proto::Dimension& dimension : type.dimensions()) {
    if (dimension.has_unknown() && !dimension.unknown().variadic()) {
      out.shape.push_back(kUnknown);
      continue;
    }
    require(!dimension.has_unknown(), ErrorCode::unsupported, "type: a variadic rank");
    require(dimension.has_constant(), ErrorCode::corrupt, "type: a dimension without a size");
    const uint64_t size = dimension.constant().size();
    const auto product = checked_multiply(elements, std::max<uint64_t>(size, 1));
    require(product && *product <= kMaxElements, ErrorCode::corrupt, "type: a dimension of {} makes it too large",
            size);
    elements = *product;
    out.shape.push_back(static_cast<int64_t>(size));
  }
  return out;
}

}  // namespace

void encode_type(const mil::Type& type, proto::ValueType* out) {
  proto::ValueType* inner = type.is_state ? out->mutable_state_type()->mutable_wrapped_type() : out;
  encode_tensor_type(type.dtype, type.shape, inner->mutable_tensor_type());
}

mil::Type decode_type(const proto::ValueType& type) {
  if (type.has_state_type()) {
    const proto::ValueType& wrapped = type.state_type().wrapped_type();
    require(wrapped.has_tensor_type(), ErrorCode::corrupt, "type: a state of something else than a tensor");
    mil::Type out = decode_tensor_type(wrapped.tensor_type());
    out.is_state = true;
    return out;
  }
  require(type.type_case() != proto::ValueType::TYPE_NOT_SET, ErrorCode::corrupt, "type: is missing");
  require(type.has_tensor_type(), ErrorCode::unsupported,
          "type: a list, tuple or dictionary, want a tensor or a state");
  return decode_tensor_type(type.tensor_type());
}

mil::Type decode_fixed_type(const proto::ValueType& type) {
  mil::Type out = decode_type(type);
  const bool fixed = std::find(out.shape.begin(), out.shape.end(), kUnknown) == out.shape.end();
  if (out.is_state || !fixed) {
    fail(ErrorCode::corrupt, "type of a constant: got {}, want a tensor of fixed shape", mil::to_string(out));
  }
  return out;
}

void encode_literal(const mil::Literal& literal, proto::Value* out) {
  encode_type({literal.dtype, literal.shape}, out->mutable_type());
  const auto elements = static_cast<uint64_t>(element_count(literal.shape));
  const uint64_t got = literal.dtype == DType::string ? literal.strings.size() : literal.bytes.size();
  const uint64_t want = literal.dtype == DType::string ? elements : stored_size(elements, literal.dtype);
  if (got != want) {
    fail(ErrorCode::invalid, "constant of {}{}: got {} bytes, want {}", name_of(literal.dtype),
         to_string(literal.shape), got, want);
  }
  proto::TensorValue* tensor = out->mutable_immediate()->mutable_tensor();
  switch (wire_of(literal.dtype)) {
    case Wire::bools:
      return append_as<uint8_t>(literal.bytes, tensor->mutable_bools()->mutable_values());
    case Wire::ints: {
      auto* values = tensor->mutable_ints()->mutable_values();
      if (literal.dtype == DType::i32) return append_as<int32_t>(literal.bytes, values);
      if (literal.dtype == DType::i16) return append_as<int16_t>(literal.bytes, values);
      return append_as<uint16_t>(literal.bytes, values);
    }
    case Wire::long_ints:
      return append_as<int64_t>(literal.bytes, tensor->mutable_long_ints()->mutable_values());
    case Wire::floats:
      return append_as<float>(literal.bytes, tensor->mutable_floats()->mutable_values());
    case Wire::doubles:
      return append_as<double>(literal.bytes, tensor->mutable_doubles()->mutable_values());
    case Wire::strings:
      tensor->mutable_strings();
      for (const std::string& text : literal.strings) tensor->mutable_strings()->add_values(text);
      return;
    case Wire::bytes:
      tensor->mutable_bytes()->set_values(literal.bytes.data(), literal.bytes.size());
      return;
    case Wire::none:
      fail(ErrorCode::invalid, "constant of {}: this element type has no immediate form", name_of(literal.dtype));
  }
}

void encode_blob(DType dtype, const Shape& shape, uint64_t record_offset, proto::Value* out) {
  encode_type({dtype, shape}, out->mutable_type());
  out->mutable_blob_file()->set_file_name(std::string(kWeightReference));
  out->mutable_blob_file()->set_offset(record_offset);
}

mil::Literal decode_literal(const proto::Value& value) {
  const mil::Type type = decode_fixed_type(value.type());
  require(value.immediate().has_tensor(), ErrorCode::unsupported,
          "constant: a list, tuple or dictionary, want a tensor");
  const proto::TensorValue& tensor = value.immediate().tensor();
  mil::Literal out{type.dtype, type.shape, {}, {}};
  const Wire wire = wire_of(type.dtype);
  bool present = false;
  switch (wire) {
    case Wire::bools:
      present = tensor.has_bools();
      for (const bool flag : tensor.bools().values()) out.bytes.push_back(flag ? std::byte{1} : std::byte{0});
      break;
    case Wire::ints:
      present = tensor.has_ints();
      if (type.dtype == DType::i32) out.bytes = bytes_of<int32_t>(tensor.ints().values());
      if (type.dtype == DType::i16) out.bytes = bytes_of<int16_t>(tensor.ints().values());
      if (type.dtype == DType::u16) out.bytes = bytes_of<uint16_t>(tensor.ints().values());
      break;
    case Wire::long_ints:
      present = tensor.has_long_ints();
      out.bytes = copy_of(tensor.long_ints().values());
      break;
    case Wire::floats:
      present = tensor.has_floats();
      out.bytes = copy_of(tensor.floats().values());
      break;
    case Wire::doubles:
      present = tensor.has_doubles();
      out.bytes = copy_of(tensor.doubles().values());
      break;
    case Wire::strings:
      present = tensor.has_strings();
      out.strings.assign(tensor.strings().values().begin(), tensor.strings().values().end());
      break;
    case Wire::bytes: {
      present = tensor.has_bytes();
      const auto bytes = std::as_bytes(std::span(tensor.bytes().values()));
      out.bytes.assign(bytes.begin(), bytes.end());
      break;
    }
    case Wire::none: break;
  }
  if (!present) {
    fail(ErrorCode::corrupt, "constant of {}: its values stand in the wrong list", mil::to_string(type));
  }
  const auto elements = static_cast<uint64_t>(element_count(type.shape));
  const uint64_t got = wire == Wire::strings ? out.strings.size() : out.bytes.size();
  const uint64_t want = wire == Wire::strings ? elements : stored_size(elements, type.dtype);
  if (got != want) {
    fail(ErrorCode::corrupt, "constant of {}: got {} {}, want {}", mil::to_string(type), got,
         wire == Wire::strings ? "strings" : "bytes", want);
  }
  return out;
}

}  // namespace cortland
