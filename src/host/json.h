// A strict JSON reader for small trusted-format documents (RFC 8259): no duplicate keys, depth at most 64, nothing behind
// the value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/result.h"

namespace cortland::host {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Member = std::pair<std::string, JsonValue>;
  using Object = std::vector<Member>;  // in the order of the text
  using Storage = std::variant<std::nullptr_t, bool, double, std::string, Array, Object>;

  JsonValue() = default;
  JsonValue(Storage value);

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  // nullptr when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const double* number() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  // A member of an object; nullptr when there is none or the value is no object.
  const JsonValue* find(std::string_view key) const;

 private:
  Storage value_;
};

// Not in the class: clang would look into Storage before JsonValue is complete.
inline JsonValue::JsonValue(Storage value) : value_(std::move(value)) {}

Result<JsonValue> parse_json(std::string_view text);

}  // namespace cortland::host
