#include "text/tokenizer/component.h"

#include <algorithm>

#include "text/utf8.h"

namespace cortland::text {

using portable::JsonValue;

namespace {

constexpr size_t kShownBytes = 40;

}  // namespace

Component::Component(const JsonValue& json, std::string_view path) : json_(json), path_(path) {
  if (json.object() == nullptr) problem_ = path_ + ": got " + shown(json) + ", want an object";
}

const JsonValue* Component::member(std::string_view key, bool is_optional) {
  const JsonValue* value = present(key);
  if (value == nullptr && !is_optional) note(key, find(key) == nullptr ? "missing" : "got null, want a value");
  return value;
}

bool Component::flag(std::string_view key, std::optional<bool> fallback) {
  const JsonValue* value = member(key, fallback.has_value());
  if (value == nullptr) return fallback.value_or(false);
  if (value->boolean() == nullptr) note(key, "got " + shown(*value) + ", want true or false");
  return value->boolean() != nullptr && *value->boolean();
}

std::string Component::text(std::string_view key, std::optional<std::string> fallback) {
  const JsonValue* value = member(key, fallback.has_value());
  if (value == nullptr) return fallback.value_or("");
  if (value->text() == nullptr) {
    note(key, "got " + shown(*value) + ", want a string");
    return "";
  }
  if (!is_valid_utf8(*value->text())) note(key, "no UTF-8");
  return *value->text();
}

int64_t Component::integer(std::string_view key, int64_t least, std::optional<int64_t> fallback) {
  const JsonValue* value = member(key, fallback.has_value());
  if (value == nullptr) return fallback.value_or(least);
  if (value->integer() == nullptr || *value->integer() < least) {
    note(key, "got " + shown(*value) + ", want an integer of at least " + std::to_string(least));
    return least;
  }
  return *value->integer();
}

const JsonValue* Component::present(std::string_view key) const {
  const JsonValue* value = json_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const JsonValue::Array& Component::list(std::string_view key) {
  static const JsonValue::Array kEmpty;
  const JsonValue* value = member(key, false);
  if (value == nullptr) return kEmpty;
  if (value->array() == nullptr) note(key, "got " + shown(*value) + ", want a list");
  return value->array() == nullptr ? kEmpty : *value->array();
}

char32_t Component::code_point(std::string_view key, std::optional<char32_t> fallback) {
  if (member(key, fallback.has_value()) == nullptr) return fallback.value_or(0);
  const std::string value = text(key);
  if (failed()) return 0;
  if (value.empty() || decode_utf8(value, 0).length != value.size()) {
    note(key, "got " + shown(JsonValue(value)) + ", want one character");
    return 0;
  }
  return decode_utf8(value, 0).code;
}

size_t Component::choice(std::string_view key, std::span<const std::string_view> names,
                         std::optional<size_t> fallback) {
  const JsonValue* value = member(key, fallback.has_value());
  if (value == nullptr) return fallback.value_or(0);
  if (value->text() != nullptr) {
    const auto name = std::find(names.begin(), names.end(), *value->text());
    if (name != names.end()) return static_cast<size_t>(name - names.begin());
  }
  note(key, "got " + shown(*value) + ", want one of " + listed(names));
  return 0;
}

void Component::note(std::string_view key, const std::string& what) { note(path_of(key) + ": " + what); }

void Component::note(const std::string& problem) {
  if (problem_.empty()) problem_ = problem;
}

std::string shown(const JsonValue& value) {
  if (value.is_null()) return "null";
  if (value.boolean() != nullptr) return *value.boolean() ? "true" : "false";
  if (value.integer() != nullptr) return std::to_string(*value.integer());
  if (value.array() != nullptr) return "a list";
  if (value.object() != nullptr) return "an object";
  if (value.text() == nullptr) return "a number";
  std::string text = value.text()->substr(0, kShownBytes);
  if (text.size() < value.text()->size()) text += "...";
  return "\"" + repair_utf8(text) + "\"";
}

std::string listed(std::span<const std::string_view> names) {
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

}  // namespace cortland::text
