#include "base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/failure.h"

namespace cortland {
namespace {

std::string failure_of(std::string_view text) {
  return failure([&] { parse_json(text, "f.json"); });
}

TEST(Json, ReadsEveryKindOfValue) {
  const Json value = parse_json(
      R"( {"null": null, "yes": true, "int": -3, "big": 18446744073709551615, "half": 5e-1,
           "text": "\u00e9\n", "list": [1, [], {}], "inner": {"int": 4}} )",
      "f.json");
  const Json want = {{"null", nullptr}, {"yes", true}, {"int", -3}, {"big", UINT64_MAX}, {"half", 0.5},
                     {"text", "\xc3\xa9\n"}, {"list", {1, Json::array(), Json::object()}}, {"inner", {{"int", 4}}}};
  EXPECT_EQ(value, want);
  EXPECT_EQ(parse_json("7", "f.json"), Json(7));
}

TEST(Json, RefusesWhatIsNotOneValue) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"(not valid JSON at line 1, column 1; got "")"},
      {"{} x", R"(not valid JSON at line 1, column 4; got "{} x")"},
      {"{}\n{}", R"(not valid JSON at line 2, column 1; got "{")"},
      {"[1,\n 2,\n]", R"(not valid JSON at line 3, column 1; got "]")"},
      {"{\"a\": 1,\n \"b\" 2}", R"(not valid JSON at line 2, column 6; got " "b" 2")"},
      {"{\"a\": 1", R"(not valid JSON at line 1, column 8; got "{"a": 1")"},
      {"[nan]", R"(not valid JSON at line 1, column 3; got "[na")"},
      {"[1e999]", R"(not valid JSON at line 1, column 6; got "[1e999")"},
      {"[01]", R"(not valid JSON at line 1, column 3; got "[01")"},
      {"['a']", R"(not valid JSON at line 1, column 2; got "['")"},
      {"// no\n1", R"(not valid JSON at line 1, column 1; got "/")"},
      {"\"a\tb\"", R"(not valid JSON at line 1, column 3; got ""a\x09")"},
      {"[\"a\nb\"]", R"(not valid JSON at line 1, column 4; got "["a\x0a")"},
      {"\"\xff\"", R"(not valid JSON at line 1, column 2; got ""\xff")"},
      {"\"\xc0\xaf\"", R"(not valid JSON at line 1, column 2; got ""\xc0")"},
      {"\"\xed\xa0\x80\"", R"(not valid JSON at line 1, column 3; got ""\xed\xa0")"},
      {R"("\ud800")", R"(not valid JSON at line 1, column 8; got ""\ud800"")"},
      {"[\"a long text that goes on for more than forty bytes\" x",
       R"(not valid JSON at line 1, column 55; got "hat goes on for more than forty bytes" x")"},
      {"{\"a\": 1, \"a\": 2}", R"(key "a" appears twice in one object)"},
      {"{\"x\": {\"k\\n\": 1, \"k\\n\": 2}}", R"(key "k\x0a" appears twice in one object)"},
  };
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(failure_of(text), "corrupt: f.json: " + std::string(want)) << text;
  }
}

TEST(Json, TheSameKeyInTwoObjectsIsFine) {
  EXPECT_EQ(parse_json(R"([{"a": {"a": 1}}, {"a": 2}])", "f.json")[0]["a"]["a"], 1);
}

TEST(Json, BoundsTheDepth) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(failure_of(nested(64)), "no error");
  EXPECT_EQ(failure_of(nested(65)), "corrupt: f.json: nested deeper than 64 levels");
  EXPECT_EQ(failure_of(std::string(100'000, '[')), "corrupt: f.json: nested deeper than 64 levels");
}

TEST(Json, MembersAreCheckedByTypeWithTheirPath) {
  const Json value = parse_json(R"({"n": 2, "s": "x", "t": true, "f": 0.5, "e": 1e6, "u": 18446744073709551615,
                                    "h": 1e16, "m": -9223372036854775808})", "f.json");
  EXPECT_EQ(json_int(json_member(value, "n", "f"), "f.n"), 2);
  EXPECT_EQ(json_int(value["e"], "f.e"), 1'000'000);
  EXPECT_EQ(json_int(value["m"], "f.m"), INT64_MIN);
  EXPECT_EQ(json_number(value["n"], "f.n"), 2.0);
  EXPECT_EQ(json_number(value["f"], "f.f"), 0.5);
  EXPECT_EQ(json_string(value["s"], "f.s"), "x");
  EXPECT_TRUE(json_bool(value["t"], "f.t"));

  EXPECT_EQ(failure([&] { json_member(value, "none", "f"); }), R"(corrupt: f: key "none" is missing)");
  EXPECT_EQ(failure([&] { json_member(value["n"], "k", "f.n"); }), "corrupt: f.n: got 2, want an object");
  EXPECT_EQ(failure([&] { json_int(value["f"], "f.f"); }), "corrupt: f.f: got 0.5, want an integer");
  EXPECT_EQ(failure([&] { json_int(value["h"], "f.h"); }), "corrupt: f.h: got 1e+16, want an integer");
  EXPECT_EQ(failure([&] { json_int(value["s"], "f.s"); }), R"(corrupt: f.s: got "x", want an integer)");
  EXPECT_EQ(failure([&] { json_int(value["u"], "f.u"); }),
            "corrupt: f.u: got 18446744073709551615, want a 64-bit integer");
  EXPECT_EQ(failure([&] { json_number(value["t"], "f.t"); }), "corrupt: f.t: got true, want a number");
  EXPECT_EQ(failure([&] { json_string(value["n"], "f.n"); }), "corrupt: f.n: got 2, want a string");
  EXPECT_EQ(failure([&] { json_bool(value["n"], "f.n"); }), "corrupt: f.n: got 2, want true or false");
  EXPECT_EQ(failure([&] { json_bool(Json(std::string(100, 'y')), "f"); }),
            "corrupt: f: got \"" + std::string(59, 'y') + "..., want true or false");
}

}  // namespace
}  // namespace cortland
