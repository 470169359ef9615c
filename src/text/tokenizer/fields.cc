#include "text/tokenizer/fields.h"

namespace cortland::text {

using portable::JsonValue;

const JsonValue* Fields::find(std::string_view key) const {
  const JsonValue* value = object_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Fields::text(std::string_view key, std::optional<std::string_view> otherwise) {
  const JsonValue* value = find(key);
  if (value != nullptr && value->text() != nullptr) return *value->text();
  if (value != nullptr || !otherwise) note(key, value == nullptr ? "is missing; want a string" : "want a string");
  return std::string(otherwise.value_or(""));
}

bool Fields::boolean(std::string_view key, bool otherwise) {
  const JsonValue* value = find(key);
  if (value == nullptr) return otherwise;
  if (value->boolean() == nullptr) note(key, "want true or false");
  return value->boolean() == nullptr ? otherwise : *value->boolean();
}

int64_t Fields::integer(std::string_view key, int64_t least, int64_t most, int64_t otherwise) {
  const JsonValue* value = find(key);
  if (value == nullptr) return otherwise;
  const int64_t* integer = value->integer();
  if (integer != nullptr && *integer >= least && *integer <= most) return *integer;
  note(key, "want an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return otherwise;
}

const JsonValue::Array& Fields::array(std::string_view key) {
  static const JsonValue::Array kEmpty;
  const JsonValue* value = find(key);
  if (value != nullptr && value->array() != nullptr) return *value->array();
  note(key, "want a list");
  return kEmpty;
}

std::string Fields::path_of(std::string_view key) const { return std::string(path_) + "." + std::string(key); }

void Fields::note(std::string_view key, const std::string& what) {
  if (problem_.empty()) problem_ = path_of(key) + ": " + what;
}

}  // namespace cortland::text
