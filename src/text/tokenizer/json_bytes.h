// JSON values as bytes, so that loading a tokenizer parses no text. One byte for the kind, then
//
//   0 null   1 false   2 true   3 i64   4 f64   5 string: u32 size, bytes   6 array: u32 count, values
//   7 object: u32 count, times { u32 size, bytes of the key; value }
#pragma once

#include <string>
#include <string_view>

#include "portable/json.h"
#include "text/sections.h"

namespace cortland::text {

void encode_json(const portable::JsonValue& value, std::string& out);

// Fails (the reader too) at the end of the bytes, for an unknown kind and beyond 64 levels.
portable::Result<portable::JsonValue> decode_json(ByteReader& reader);

}  // namespace cortland::text
