// Members of one JSON object, each with what stands for a missing one. The first problem is kept as `path.key: ...`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portable/json.h"

namespace cortland::text {

class Fields {
 public:
  // Refers to both.
  Fields(const portable::JsonValue& object, std::string_view path) : object_(object), path_(path) {}

  // A member that is there and not null, else nullptr.
  const portable::JsonValue* find(std::string_view key) const;
  std::string text(std::string_view key, std::optional<std::string_view> otherwise = std::nullopt);
  bool boolean(std::string_view key, bool otherwise);
  int64_t integer(std::string_view key, int64_t least, int64_t most, int64_t otherwise);
  const portable::JsonValue::Array& array(std::string_view key);

  std::string path_of(std::string_view key) const;
  void note(std::string_view key, const std::string& what);
  bool failed() const { return !problem_.empty(); }
  portable::Failure failure() const { return {problem_}; }

 private:
  const portable::JsonValue& object_;
  std::string_view path_;
  std::string problem_;
};

}  // namespace cortland::text
