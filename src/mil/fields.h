// The parts of an op, listed once. From the list come encoding, decoding, printing and the checks of both.
//
//   struct Softmax {
//     static constexpr std::string_view kName = "softmax";
//     static constexpr Opset kSince = Opset::coreml5;
//     Value x;
//     int32_t axis = -1;
//     static constexpr auto fields() { return std::tuple{field("x", &Softmax::x), field("axis", &Softmax::axis)}; }
//     ...
//   };
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "mil/program.h"

namespace cortland::mil {

// An operand: a value of the function. Negative: absent.
struct Value {
  ValueId id = -1;
  explicit operator bool() const { return id >= 0; }
  bool operator==(const Value&) const = default;
};

// Integers that are constant, or come from a value at run time.
struct Ints {
  std::vector<int32_t> literal;
  Value value;
  Ints() = default;
  Ints(std::vector<int32_t> values) : literal(std::move(values)) {}
  Ints(Value v) : value(v) {}
  bool is_constant() const { return !value; }
};

enum class Presence { required, optional };
enum class Place { input, attribute };

template <typename Op, typename T>
struct Field {
  std::string_view name;
  T Op::* member;
  Presence presence;
  Place place;
  Opset since;
};

// A parameter that is always written, default or not: the run time does not apply every default.
template <typename Op, typename T>
constexpr Field<Op, T> field(std::string_view name, T Op::* member, Opset since = Opset::coreml5) {
  return {name, member, Presence::required, Place::input, since};
}
// A parameter whose default is "none".
template <typename Op, typename T>
constexpr Field<Op, T> optional_field(std::string_view name, T Op::* member) {
  return {name, member, Presence::optional, Place::input, Opset::coreml5};
}
// A parameter that is written as an attribute.
template <typename Op, typename T>
constexpr Field<Op, T> attribute_field(std::string_view name, T Op::* member) {
  return {name, member, Presence::required, Place::attribute, Opset::coreml5};
}

// The constant that a binding denotes, whether written in place or by way of a const op; nullopt when its value is
// known only at run time.
std::optional<Literal> constant_of(const Function& function, const Binding& binding);

// How each type of field turns into bindings and back. encode: empty = absent.
std::vector<Binding> encode(Value value);
std::vector<Binding> encode(const std::vector<Value>& values);
std::vector<Binding> encode(const Ints& value);
std::vector<Binding> encode(const Binding& value);
template <typename T>
std::vector<Binding> encode(const T& value) {
  return {Binding(Literal::of(value))};
}
template <typename T>
std::vector<Binding> encode(const std::optional<T>& value) {
  return value ? encode(*value) : std::vector<Binding>{};
}

void decode(const Function& function, const std::vector<Binding>& bindings, Value* out);
void decode(const Function& function, const std::vector<Binding>& bindings, std::vector<Value>* out);
void decode(const Function& function, const std::vector<Binding>& bindings, Ints* out);
void decode(const Function& function, const std::vector<Binding>& bindings, Binding* out);
void decode(const Function& function, const std::vector<Binding>& bindings, int32_t* out);
void decode(const Function& function, const std::vector<Binding>& bindings, bool* out);
void decode(const Function& function, const std::vector<Binding>& bindings, std::string* out);
void decode(const Function& function, const std::vector<Binding>& bindings, Scalar* out);
void decode(const Function& function, const std::vector<Binding>& bindings, std::vector<int32_t>* out);
void decode(const Function& function, const std::vector<Binding>& bindings, std::vector<bool>* out);
template <typename T>
void decode(const Function& function, const std::vector<Binding>& bindings, std::optional<T>* out) {
  T value{};
  decode(function, bindings, &value);
  *out = std::move(value);
}

}  // namespace cortland::mil
