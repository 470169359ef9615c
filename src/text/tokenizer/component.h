// One object of tokenizer.json, such as a normalizer, while its members are read; it remembers the first problem.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "portable/json.h"
#include "portable/result.h"

namespace cortland::text {

class Component {
 public:
  // `path` begins each message: "tokenizer.json: normalizer".
  Component(const portable::JsonValue& json, std::string_view path);

  const portable::JsonValue* find(std::string_view key) const { return json_.find(key); }
  // The same, but null counts as missing.
  const portable::JsonValue* present(std::string_view key) const;
  std::string path_of(std::string_view key) const { return path_ + "." + std::string(key); }

  // A member of the kind asked for; with a fallback it may be missing or null.
  bool flag(std::string_view key, std::optional<bool> fallback = std::nullopt);
  std::string text(std::string_view key, std::optional<std::string> fallback = std::nullopt);
  int64_t integer(std::string_view key, int64_t least, std::optional<int64_t> fallback = std::nullopt);
  // REQUIRES: the component outlives it.
  const portable::JsonValue::Array& list(std::string_view key);
  // A string of exactly one code point.
  char32_t code_point(std::string_view key, std::optional<char32_t> fallback = std::nullopt);
  // The index of a string in `names`.
  size_t choice(std::string_view key, std::span<const std::string_view> names,
                std::optional<size_t> fallback = std::nullopt);

  // The index of the row whose type the object names; without "type", as in old files, of the first row whose
  // own_member it has.
  template <typename Row, size_t kCount>
  size_t kind(const std::array<Row, kCount>& rows) {
    std::array<std::string_view, kCount> types;
    for (size_t i = 0; i < kCount; ++i) types[i] = rows[i].type;
    if (find("type") == nullptr) {
      for (size_t i = 0; i < kCount; ++i) {
        if (!rows[i].own_member.empty() && find(rows[i].own_member) != nullptr) return i;
      }
    }
    return choice("type", types);
  }

  void note(std::string_view key, const std::string& what);
  // A problem that names its own place.
  void note(const std::string& problem);
  bool failed() const { return !problem_.empty(); }
  portable::Failure failure() const { return {problem_}; }

 private:
  // nullptr, and a problem unless `is_optional`, when the member is missing or null.
  const portable::JsonValue* member(std::string_view key, bool is_optional);

  const portable::JsonValue& json_;
  std::string path_;
  std::string problem_;
};

// How a value looks in a message: "\"Foo\"", "7", "a list".
std::string shown(const portable::JsonValue& value);

// "a, b, c".
std::string listed(std::span<const std::string_view> names);

}  // namespace cortland::text
