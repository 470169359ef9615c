#include "mil/literal.h"

#include <cstring>

#include "base/error.h"
#include "tensor/convert.h"

namespace cortland::mil {
namespace {

template <typename T>
std::vector<std::byte> to_bytes(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T>
std::vector<int32_t> widen(const std::vector<std::byte>& bytes) {
  std::vector<int32_t> values(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value{};
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<int32_t>(value);
  }
  return values;
}

[[noreturn]] void wrong(const Literal& literal, std::string_view want) {
  fail(ErrorCode::corrupt, "constant {}: got {}{}, want {}", literal.text(), name_of(literal.dtype),
       to_string(literal.shape), want);
}

std::vector<int32_t> integers(const Literal& literal) {
  switch (literal.dtype) {
    case DType::i32: return widen<int32_t>(literal.bytes);
    case DType::i16: return widen<int16_t>(literal.bytes);
    case DType::i8: return widen<int8_t>(literal.bytes);
    case DType::u8: return widen<uint8_t>(literal.bytes);
    case DType::boolean: return widen<uint8_t>(literal.bytes);
    case DType::u16: return widen<uint16_t>(literal.bytes);
    case DType::u32: return widen<uint32_t>(literal.bytes);
    default: return {};
  }
}

bool is_small_integer(DType dtype) {
  return dtype == DType::i32 || dtype == DType::i16 || dtype == DType::i8 || dtype == DType::u8 ||
         dtype == DType::u16 || dtype == DType::u32;
}

}  // namespace

Literal::Literal() = default;
Literal::Literal(DType type, Shape sizes, std::vector<std::byte> elements, std::vector<std::string> texts)
    : dtype(type), shape(std::move(sizes)), bytes(std::move(elements)), strings(std::move(texts)) {}
Literal::Literal(const Literal&) = default;
Literal::Literal(Literal&&) noexcept = default;
Literal& Literal::operator=(const Literal&) = default;
Literal& Literal::operator=(Literal&&) noexcept = default;
Literal::~Literal() = default;

Literal Literal::of(int32_t value) { return {DType::i32, {}, to_bytes(std::vector<int32_t>{value}), {}}; }
Literal Literal::of(bool value) { return {DType::boolean, {}, to_bytes(std::vector<uint8_t>{value}), {}}; }
Literal Literal::of(const std::string& value) { return {DType::string, {}, {}, {value}}; }

Literal Literal::of(Scalar value) {
  if (value.dtype == DType::f32) return {DType::f32, {}, to_bytes(std::vector<float>{value.value}), {}};
  return {DType::f16, {}, to_bytes(std::vector<uint16_t>{float_to_half(value.value)}), {}};
}

Literal Literal::of(const std::vector<int32_t>& values) {
  return {DType::i32, {static_cast<int64_t>(values.size())}, to_bytes(values), {}};
}

Literal Literal::of(const std::vector<bool>& values) {
  return {DType::boolean, {static_cast<int64_t>(values.size())},
          to_bytes(std::vector<uint8_t>(values.begin(), values.end())), {}};
}

Literal Literal::of_unsigned(const std::vector<int64_t>& values) {
  return {DType::u32,
          {static_cast<int64_t>(values.size())},
          to_bytes(std::vector<uint32_t>(values.begin(), values.end())),
          {}};
}

int32_t Literal::as_int() const {
  if (!is_small_integer(dtype) || !shape.empty()) wrong(*this, "an integer scalar");
  return integers(*this).front();
}

bool Literal::as_bool() const {
  if (dtype != DType::boolean || !shape.empty()) wrong(*this, "a bool scalar");
  return bytes.front() != std::byte{0};
}

const std::string& Literal::as_string() const {
  if (dtype != DType::string || strings.size() != 1) wrong(*this, "a string");
  return strings.front();
}

Scalar Literal::as_scalar() const {
  if ((dtype != DType::f16 && dtype != DType::f32) || !shape.empty()) wrong(*this, "a floating scalar");
  float value = 0;
  to_floats(dtype, bytes.data(), std::span(&value, 1));
  return {value, dtype};
}

std::vector<int32_t> Literal::as_ints() const {
  if (!is_small_integer(dtype) || shape.size() > 1) wrong(*this, "a vector of integers");
  return integers(*this);
}

std::vector<bool> Literal::as_bools() const {
  if (dtype != DType::boolean || shape.size() > 1) wrong(*this, "a vector of bool");
  std::vector<bool> values;
  for (const std::byte byte : bytes) values.push_back(byte != std::byte{0});
  return values;
}

std::string Literal::text() const {
  constexpr size_t kMaxShown = 12;
  std::vector<std::string> parts;
  if (dtype == DType::string) {
    for (const std::string& s : strings) parts.push_back("\"" + printable(s) + "\"");
  } else if (is_convertible(dtype)) {
    std::vector<float> values(static_cast<size_t>(element_count(shape)));
    to_floats(dtype, bytes.data(), values);
    for (size_t i = 0; i < values.size() && i <= kMaxShown; ++i) parts.push_back(fmt::format("{}", values[i]));
  } else {
    const std::vector<int32_t> values = integers(*this);
    for (size_t i = 0; i < values.size() && i <= kMaxShown; ++i) {
      parts.push_back(dtype == DType::boolean ? (values[i] != 0 ? "true" : "false") : fmt::format("{}", values[i]));
    }
  }
  std::string joined;
  for (size_t i = 0; i < parts.size() && i <= kMaxShown; ++i) {
    if (i > 0) joined += ", ";
    joined += i == kMaxShown ? "..." : parts[i];
  }
  return shape.empty() ? joined : "[" + joined + "]";
}

Tensor Literal::tensor() const {
  if (dtype == DType::string) return Tensor::of_text(strings.empty() ? "" : strings.front());
  if (cortland::is_float(dtype)) {
    std::vector<float> values(static_cast<size_t>(element_count(shape)));
    to_floats(dtype, bytes.data(), values);
    return Tensor::of_floats(dtype, shape, std::move(values));
  }
  std::vector<int32_t> values = integers(*this);
  require(values.size() == static_cast<size_t>(element_count(shape)), ErrorCode::unsupported,
          "constant of {}{}: its elements cannot be read as numbers", name_of(dtype), to_string(shape));
  return Tensor::of_ints(dtype, shape, std::move(values));
}

}  // namespace cortland::mil
