// Strict reading of JSON: UTF-8 only, no duplicate keys, bounded depth, nothing after the value. And its printing: no
// other file calls the parser or the printer of the library, because each would compile them anew.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace cortland {

using Json = nlohmann::json;                 // keys sorted: for reading
using OrderedJson = nlohmann::ordered_json;  // keys in the order written: for printing

// Parses `text`. `where` (usually the file name) opens every message. Errors: corrupt, with line and column.
Json parse_json(std::string_view text, std::string_view where);
// What a text says that may be anything, keys in its order; a discarded value (`is_discarded()`) when it is not JSON.
OrderedJson read_if_json(std::string_view text);

// On one line, or with `indent` spaces a level. Bytes that are not UTF-8, as paths may have, are replaced.
std::string json_text(const Json& value, int indent = -1);
std::string json_text(const OrderedJson& value, int indent = -1);

// `value[key]` of an object, checked. `where` is the JSON path of `value`. Errors: corrupt when missing or of
// another type. int64_t also accepts a floating number with an integral value (some configs hold 1e6).
const Json& json_member(const Json& value, std::string_view key, std::string_view where);
std::string json_string(const Json& value, std::string_view where);
int64_t json_int(const Json& value, std::string_view where);
double json_number(const Json& value, std::string_view where);
bool json_bool(const Json& value, std::string_view where);

}  // namespace cortland
