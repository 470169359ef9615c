// Normalizers and pre-tokenizers against tests/golden/text/components.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "portable/json.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {
namespace {

using portable::JsonValue;

std::vector<JsonValue> read_lines(const std::string& name) {
  std::ifstream file(std::string(CORTLAND_TEST_DATA) + "/golden/text/components/" + name);
  std::vector<JsonValue> values;
  for (std::string line; std::getline(file, line);) {
    portable::Result<JsonValue> value = portable::parse_json(line);
    EXPECT_TRUE(value) << value.message();
    if (value) values.push_back(*value);
  }
  return values;
}

std::vector<std::string> strings_of(const JsonValue& list) {
  std::vector<std::string> strings;
  for (const JsonValue& item : *list.array()) strings.push_back(*item.text());
  return strings;
}

std::vector<std::string> cut(const PreTokenizer& tokenizer, const std::string& text) {
  Pieces pieces = whole_piece(text, true);
  tokenizer.split(pieces);
  std::vector<std::string> strings;
  for (const Pieces::Range& range : pieces.ranges) {
    strings.push_back(pieces.text.substr(range.begin, range.end - range.begin));
  }
  return strings;
}

TEST(GoldenComponents, Normalizers) {
  size_t count = 0;
  for (const JsonValue& component : read_lines("normalizers.jsonl")) {
    const auto normalizer = make_normalizer(*component.find("normalizer"), "normalizer");
    ASSERT_TRUE(normalizer) << *component.find("name")->text() << ": " << normalizer.message();
    for (const JsonValue& item : *component.find("cases")->array()) {
      std::string text = *item.find("text")->text();
      (*normalizer)->normalize(text);
      EXPECT_EQ(text, *item.find("out")->text())
          << *component.find("name")->text() << ": " << *item.find("text")->text();
      ++count;
    }
  }
  EXPECT_EQ(count, 1605u);
}

TEST(GoldenComponents, PreTokenizers) {
  size_t count = 0;
  for (const JsonValue& component : read_lines("pre_tokenizers.jsonl")) {
    const auto tokenizer = make_pre_tokenizer(*component.find("pre_tokenizer"), "pre_tokenizer");
    ASSERT_TRUE(tokenizer) << *component.find("name")->text() << ": " << tokenizer.message();
    for (const JsonValue& item : *component.find("cases")->array()) {
      const std::string text = *item.find("text")->text();
      EXPECT_EQ(cut(**tokenizer, text), strings_of(*item.find("pieces")))
          << *component.find("name")->text() << ": " << text;
      ++count;
    }
  }
  EXPECT_EQ(count, 4867u);
}

}  // namespace
}  // namespace cortland::text
