#include "text/tokenizer/pattern.h"

#include <string>

namespace cortland::text {

using portable::JsonValue;

std::string escape_regex(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::optional<regex::Regex> read_pattern(Component& component, std::string_view key) {
  const JsonValue* value = component.find(key);
  if (value == nullptr) {
    component.note(key, "missing");
    return std::nullopt;
  }
  const JsonValue* literal = value->find("String");
  const JsonValue* expression = value->find("Regex");
  const JsonValue* given = literal != nullptr ? literal : expression;
  if (given == nullptr || given->text() == nullptr) {
    component.note(key, "got " + shown(*value) + ", want {\"String\": ...} or {\"Regex\": ...}");
    return std::nullopt;
  }
  portable::Result<regex::Regex> regex =
      regex::Regex::compile(literal != nullptr ? escape_regex(*given->text()) : *given->text());
  if (!regex) {
    component.note(component.path_of(key) + ": " + regex.message());
    return std::nullopt;
  }
  return *regex;
}

}  // namespace cortland::text
