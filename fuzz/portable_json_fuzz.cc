// The input is any JSON document. The parser that apps compile takes what base takes, and reads the same from it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "input.h"
#include "portable/json.h"

using namespace cortland;

namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";  // a byte order mark, which base skips

bool is_same(const portable::JsonValue& a, const Json& b) {
  if (a.boolean() != nullptr) return b.is_boolean() && *a.boolean() == b.get<bool>();
  if (a.number()) return b.is_number() && *a.number() == b.get<double>();
  if (a.text() != nullptr) return b.is_string() && *a.text() == b.get_ref<const std::string&>();
  if (a.array() != nullptr) {
    if (!b.is_array() || a.array()->size() != b.size()) return false;
    for (size_t i = 0; i < b.size(); ++i) {
      if (!is_same((*a.array())[i], b[i])) return false;
    }
    return true;
  }
  if (a.object() != nullptr) {
    if (!b.is_object() || a.object()->size() != b.size()) return false;
    for (const auto& [key, value] : *a.object()) {
      if (!b.contains(key) || !is_same(value, b[key])) return false;
    }
    return true;
  }
  return a.is_null() && b.is_null();
}

// Whether the two parsers must judge alike: they differ in UTF-8, which only base checks, and by one level of depth.
bool is_simple(std::string_view text) {
  const auto opens = std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  return opens <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = text_of(data, size);
  const portable::Result<portable::JsonValue> value = portable::parse_json(text);
  expect(value || !value.message().empty(), "a failure says why");
  try {
    const Json json = parse_json(text, "input");
    expect(text.starts_with(kMark) || (value && is_same(*value, json)), "both parsers read the same");
  } catch (const Error&) {
    expect(!value || !is_simple(text), "neither parser takes what the other refuses");
  }
  return 0;
}
