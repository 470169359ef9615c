// A strict JSON reader (RFC 8259): no duplicate keys, depth at most 64, nothing behind the value. UTF-8 is not checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "portable/result.h"

namespace cortland::portable {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Member = std::pair<std::string, JsonValue>;
  using Object = std::vector<Member>;  // in the order of the text
  using Storage = std::variant<std::nullptr_t, bool, int64_t, double, std::string, Array, Object>;

  // Not inline: they are large, and many files include this.
  JsonValue();
  JsonValue(Storage value);
  // Copies one by one: std::variant of libstdc++ 12 destroys what it has not made when memory runs out amid a copy.
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  // nullptr when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }  // spelled without fraction or exponent
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  std::optional<double> number() const;  // an integer too
  // A member of an object; nullptr when there is none or the value is no object.
  const JsonValue* find(std::string_view key) const;

 private:
  Storage value_;
};

Result<JsonValue> parse_json(std::string_view text);

}  // namespace cortland::portable
