// The reference data of tokenizers: tests/golden/text/README.md says what each key means.
#pragma once

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portable/json.h"

namespace cortland::text {

inline std::string golden_text(const std::string& path) {
  std::ifstream file(CORTLAND_TEST_DATA "/golden/text/" + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// One value for each line of a .jsonl file.
inline std::vector<portable::JsonValue> golden_lines(const std::string& path) {
  std::vector<portable::JsonValue> lines;
  std::istringstream text(golden_text(path));
  for (std::string line; std::getline(text, line);) {
    portable::Result<portable::JsonValue> value = portable::parse_json(line);
    EXPECT_TRUE(value) << path << ": " << (value ? "" : value.message());
    if (value) lines.push_back(std::move(*value));
  }
  EXPECT_FALSE(lines.empty()) << path;
  return lines;
}

inline std::vector<std::string> texts_of(const portable::JsonValue& list) {
  std::vector<std::string> texts;
  for (const portable::JsonValue& item : *list.array()) texts.push_back(*item.text());
  return texts;
}

inline std::vector<int32_t> ids_of(const portable::JsonValue& list) {
  std::vector<int32_t> ids;
  for (const portable::JsonValue& item : *list.array()) ids.push_back(static_cast<int32_t>(*item.integer()));
  return ids;
}

}  // namespace cortland::text
