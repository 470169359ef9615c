// Strict reading of JSON: UTF-8 only, no duplicate keys, bounded depth, nothing after the value.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace cortland {

using Json = nlohmann::json;                 // keys sorted: for reading
using OrderedJson = nlohmann::ordered_json;  // keys in the order written: for printing

// Parses `text`. `where` (usually the file name) opens every message. Errors: corrupt, with line and column.
Json parse_json(std::string_view text, std::string_view where);

// `value[key]` of an object, checked. `where` is the JSON path of `value`. Errors: corrupt when missing or of
// another type. int64_t also accepts a floating number with an integral value (some configs hold 1e6).
const Json& json_member(const Json& value, std::string_view key, std::string_view where);
std::string json_string(const Json& value, std::string_view where);
int64_t json_int(const Json& value, std::string_view where);
double json_number(const Json& value, std::string_view where);
bool json_bool(const Json& value, std::string_view where);

}  // namespace cortland
