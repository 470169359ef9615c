#include "model/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/failure.h"

namespace cortland {
namespace {

TEST(Config, ReadsValuesAndDefaults) {
  const Json json = parse_json(R"({"i": 3, "n": 0.5, "b": true, "t": "x", "l": [1, 2], "null": null})", "config.json");
  ConfigReader config(json);
  EXPECT_EQ(config.integer("i"), 3);
  EXPECT_EQ(config.integer("none", 7), 7);
  EXPECT_EQ(config.integer("null", 8), 8);
  EXPECT_EQ(config.number("n"), 0.5);
  EXPECT_EQ(config.number("i"), 3.0);
  EXPECT_TRUE(config.boolean("b", false));
  EXPECT_TRUE(config.boolean("null", true));
  EXPECT_EQ(config.text("t"), "x");
  EXPECT_EQ(config.text("none", "y"), "y");
  EXPECT_EQ(config.integers("l"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(config.integers("i"), std::vector<int64_t>{3});
  EXPECT_EQ(config.integers("null"), std::vector<int64_t>{});
  EXPECT_EQ(config.size("i", 3), 3);
  ASSERT_NE(config.find("null"), nullptr);
  EXPECT_EQ(config.find_set("null"), nullptr);
  EXPECT_EQ(config.find("none"), nullptr);
  EXPECT_TRUE(config.is_sound());
  EXPECT_EQ(failure([&] { config.finish(); }), "no error");
}

TEST(Config, CollectsProblemsAndGivesHarmlessValues) {
  const Json json = parse_json(R"({"i": "x", "n": [], "b": 1, "t": {}, "l": [1, "x"], "s": -1})", "config.json");
  ConfigReader config(json);
  EXPECT_EQ(config.integer("i"), 0);
  EXPECT_EQ(config.integer("none"), 0);
  EXPECT_EQ(config.number("n", 2.5), 2.5);
  EXPECT_TRUE(config.boolean("b", true));
  EXPECT_EQ(config.text("t"), "");
  EXPECT_EQ(config.integers("l"), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(config.size("s", 10), 1);
  EXPECT_FALSE(config.is_sound());
  EXPECT_EQ(failure([&] { config.finish(); }), R"(corrupt: config.json: 7 reasons:
  - i: got "x", want an integer
  - key "none" is missing
  - n: got [], want a number
  - b: got 1, want true or false
  - t: got {}, want a string
  - l: got "x", want an integer
  - s: got -1, want 1 to 10)");
}

TEST(Config, KeysThatNobodyReadsAreRefused) {
  const Json json = parse_json(R"({"read": 1, "ignored": 2, "other": 3})", "config.json");
  ConfigReader config(json);
  EXPECT_EQ(config.integer("read"), 1);
  config.ignore({"ignored", "absent"});
  EXPECT_EQ(failure([&] { config.finish(); }),
            R"(unsupported: config.json: key "other" is not known and could change what the model computes)");
}

TEST(Config, WhatIsWrongComesBeforeWhatIsNotSupported) {
  const Json json = Json::object();
  ConfigReader config(json);
  config.refuse("a");
  config.reject("b");
  EXPECT_EQ(failure([&] { config.finish(); }), "corrupt: config.json: b");
}

TEST(Config, WantsAnObject) {
  const Json json = Json::array();
  EXPECT_EQ(failure([&] { ConfigReader config(json); }), "corrupt: config.json: want an object");
}

TEST(Config, LongListsOfReasonsAreCut) {
  EXPECT_EQ(list_reasons("f", {"a"}), "f: a");
  EXPECT_EQ(list_reasons("f", {"a", "b"}), "f: 2 reasons:\n  - a\n  - b");
  const std::string text = list_reasons("f", std::vector<std::string>(23, "x"));
  EXPECT_TRUE(text.starts_with("f: 23 reasons:\n  - x\n")) << text;
  EXPECT_TRUE(text.ends_with("\n  - x\n  - and 3 more")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 21);
}

}  // namespace
}  // namespace cortland
