// Values as JSON, as Python's json.dumps writes it.
#pragma once

#include <optional>
#include <string>

#include "text/template/writer.h"

namespace cortland::text {

struct JsonStyle {
  std::optional<std::string> indent;  // of each level; nothing: all on one line
  std::string item_separator = ", ";
  std::string key_separator = ": ";
  bool is_ascii = false;
  bool is_sorted = false;
};

// Fails for what JSON has not: objects, undefined values, keys that are no scalars.
void print_json(Runtime& runtime, const Value& value, const JsonStyle& style, Writer& out);

}  // namespace cortland::text
