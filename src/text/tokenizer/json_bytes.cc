#include "text/tokenizer/json_bytes.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

enum Kind : uint8_t { kNull, kFalse, kTrue, kInteger, kNumber, kString, kArray, kObject };

constexpr int kMaxDepth = 64;

void append_count(Kind kind, size_t count, std::string& out) {
  append_number(out, kind);
  append_number(out, static_cast<uint32_t>(count));
}

bool decode(ByteReader& reader, int depth, JsonValue& out) {
  if (depth > kMaxDepth) return false;
  switch (reader.number<uint8_t>()) {
    case kNull: out = JsonValue(); break;
    case kFalse: out = JsonValue(false); break;
    case kTrue: out = JsonValue(true); break;
    case kInteger: out = JsonValue(reader.number<int64_t>()); break;
    case kNumber: out = JsonValue(reader.number<double>()); break;
    case kString: out = JsonValue(std::string(reader.text())); break;
    case kArray: {
      JsonValue::Array items;
      for (auto count = reader.number<uint32_t>(); count > 0; --count) {
        if (!decode(reader, depth + 1, items.emplace_back())) return false;
      }
      out = JsonValue(std::move(items));
      break;
    }
    case kObject: {
      JsonValue::Object members;
      for (auto count = reader.number<uint32_t>(); count > 0; --count) {
        JsonValue::Member& member = members.emplace_back();
        member.first = reader.text();
        if (!decode(reader, depth + 1, member.second)) return false;
      }
      out = JsonValue(std::move(members));
      break;
    }
    default: return false;
  }
  return !reader.failed();
}

}  // namespace

void encode_json(const JsonValue& value, std::string& out) {
  if (const bool* boolean = value.boolean()) {
    append_number(out, *boolean ? kTrue : kFalse);
  } else if (const int64_t* integer = value.integer()) {
    append_number(out, kInteger);
    append_number(out, *integer);
  } else if (const std::string* text = value.text()) {
    append_number(out, kString);
    append_text(out, *text);
  } else if (const JsonValue::Array* items = value.array()) {
    append_count(kArray, items->size(), out);
    for (const JsonValue& item : *items) encode_json(item, out);
  } else if (const JsonValue::Object* members = value.object()) {
    append_count(kObject, members->size(), out);
    for (const auto& [key, member] : *members) {
      append_text(out, key);
      encode_json(member, out);
    }
  } else if (value.is_null()) {
    append_number(out, kNull);
  } else {
    append_number(out, kNumber);
    append_number(out, *value.number());
  }
}

Result<JsonValue> decode_json(ByteReader& reader) {
  JsonValue value;
  if (!decode(reader, 0, value)) return Failure{"tokenizer image: a component is damaged"};
  return value;
}

}  // namespace cortland::text
