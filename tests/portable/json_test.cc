#include "portable/json.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <clocale>
#include <cmath>
#include <limits>
#include <locale>
#include <optional>

namespace cortland::portable {
namespace {

std::string failure_of(std::string_view text) {
  const Result<JsonValue> value = parse_json(text);
  return value ? "no failure" : value.message();
}

std::string text_of(std::string_view json) {
  const Result<JsonValue> value = parse_json(json);
  return value && value->text() != nullptr ? *value->text() : "no text: " + std::string(json);
}

double number_of(std::string_view json) {
  const Result<JsonValue> value = parse_json(json);
  return value ? value->number().value_or(NAN) : NAN;
}

TEST(PortableJson, EveryKindOfValue) {
  const auto value = parse_json(" {\"a\" : [null,true,false,-1.5e1,\"x\",[ ],{ }],\r\n\t\"b\":{\"a\":1}} ");
  ASSERT_TRUE(value);
  ASSERT_NE(value->object(), nullptr);
  EXPECT_EQ(value->object()->size(), 2u);
  EXPECT_EQ(value->object()->front().first, "a");
  const JsonValue::Array& items = *value->find("a")->array();
  ASSERT_EQ(items.size(), 7u);
  EXPECT_TRUE(items[0].is_null());
  EXPECT_EQ(*items[1].boolean(), true);
  EXPECT_EQ(*items[2].boolean(), false);
  EXPECT_EQ(*items[3].number(), -15.0);
  EXPECT_EQ(*items[4].text(), "x");
  EXPECT_TRUE(items[5].array()->empty());
  EXPECT_TRUE(items[6].object()->empty());
  EXPECT_EQ(*value->find("b")->find("a")->number(), 1.0);
}

TEST(PortableJson, AskingForAnotherKindGivesNothing) {
  const auto value = parse_json("[1]");
  EXPECT_FALSE(value->is_null());
  EXPECT_EQ(value->boolean(), nullptr);
  EXPECT_FALSE(value->number());
  EXPECT_EQ(value->text(), nullptr);
  EXPECT_EQ(value->object(), nullptr);
  EXPECT_EQ(value->find("a"), nullptr);
  EXPECT_EQ(parse_json("{}")->find("a"), nullptr);
}

TEST(PortableJson, Numbers) {
  const std::pair<const char*, double> cases[] = {{"0", 0},
                                                  {"-0", 0},
                                                  {"10", 10},
                                                  {"-7.25", -7.25},
                                                  {"1e3", 1000},
                                                  {"1E+3", 1000},
                                                  {"25e-2", 0.25},
                                                  {"0e5", 0},
                                                  {"9007199254740992", 9007199254740992.0},
                                                  {"1.7976931348623157e308", DBL_MAX},
                                                  {"2.2250738585072014e-308", DBL_MIN},
                                                  {"0.1", 0.1},
                                                  {"3.651741273e-3", 3.651741273e-3},
                                                  {"1e-400", 0}};
  for (const auto& [text, want] : cases) EXPECT_EQ(number_of(text), want) << text;
  EXPECT_TRUE(std::signbit(number_of("-0")));
  // Every frequency comes back as it was written.
  for (int i = 0; i < 200; ++i) {
    const double value = std::pow(1e6, -i / 100.0) / 16;
    char text[40];
    std::snprintf(text, sizeof(text), "%.17g", value);
    EXPECT_EQ(number_of(text), value) << text;
  }
}

struct Comma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
};

TEST(PortableJson, NumbersDoNotDependOnTheLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  EXPECT_EQ(number_of("0.5"), 0.5);
  std::locale::global(before);
  // The C library has its own locale, where one is installed.
  const std::string c_before = std::setlocale(LC_NUMERIC, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE"}) {
    const bool is_installed = std::setlocale(LC_NUMERIC, name) != nullptr;
    EXPECT_EQ(number_of("0.5"), 0.5) << name << (is_installed ? "" : " (not installed)");
  }
  std::setlocale(LC_NUMERIC, c_before.c_str());
}

TEST(PortableJson, Escapes) {
  const std::pair<const char*, std::string> cases[] = {
      {R"("")", ""},
      {R"("a\"\\\/\b\f\n\r\tz")", "a\"\\/\b\f\n\r\tz"},
      {R"("\u0041\u00e9\u20AC")", "A\xc3\xa9\xe2\x82\xac"},
      {R"("\u0000")", std::string(1, '\0')},
      {R"("\u007f\u0080\u07ff\u0800\uffff")", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
      {R"("\ud83d\ude00")", "\xf0\x9f\x98\x80"},
      {R"("\uD800\uDC00\udbff\udfff")", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
      {"\"\xea\xb0\x80\"", "\xea\xb0\x80"},
  };
  for (const auto& [json, want] : cases) EXPECT_EQ(text_of(json), want) << json;
}

TEST(PortableJson, RefusesEverythingElse) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "want a value at byte 0"},
      {"  ", "want a value at byte 2"},
      {"{} {}", "text behind the value at byte 3"},
      {std::string("1\0", 2), "text behind the value at byte 1"},
      {"nul", "want a value at byte 0"},
      {"True", "want a value at byte 0"},
      {"NaN", "want a value at byte 0"},
      {"Infinity", "want a value at byte 0"},
      {"-", "want a value at byte 1"},
      {"+1", "want a value at byte 0"},
      {".5", "want a value at byte 0"},
      {"-.5", "want a value at byte 1"},
      {"01", "text behind the value at byte 1"},
      {"0x10", "text behind the value at byte 1"},
      {"1.", "want a digit at byte 2"},
      {"1.e3", "want a digit at byte 2"},
      {"1e", "want a digit at byte 2"},
      {"1e+", "want a digit at byte 3"},
      {"1e999", "a number out of range at byte 5"},
      {"-1e999", "a number out of range at byte 6"},
      {"[1,]", "want a value at byte 3"},
      {"[,1]", "want a value at byte 1"},
      {"[1 2]", "want ',' or ']' at byte 3"},
      {"[1", "want ',' or ']' at byte 2"},
      {"{\"a\":1,}", "want a string at byte 7"},
      {"{\"a\" 1}", "want ':' at byte 5"},
      {"{\"a\":}", "want a value at byte 5"},
      {"{a:1}", "want a string at byte 1"},
      {"{\"a\":1", "want ',' or '}' at byte 6"},
      {"{1:1}", "want a string at byte 1"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "a key appears twice in the object that ends at byte 19"},
      {R"({"a":1,"\u0061":2})", "a key appears twice in the object that ends at byte 18"},
      {"\"abc", "a string without end at byte 4"},
      {"\"a\\", "an unknown escape at byte 4"},
      {"\"a\nb\"", "a control character in a string at byte 3"},
      {std::string("\"\0\"", 3), "a control character in a string at byte 2"},
      {R"("\x41")", "an unknown escape at byte 3"},
      {R"("\u12")", "want four hexadecimal digits at byte 5"},
      {R"("\u12G4")", "want four hexadecimal digits at byte 5"},
      {"\"\\u123", "want four hexadecimal digits at byte 6"},
      {R"("\ud800")", "half a surrogate pair at byte 7"},
      {R"("\ud800x")", "half a surrogate pair at byte 7"},
      {R"("\ud800\n")", "half a surrogate pair at byte 7"},
      {R"("\ud800\ud800")", "half a surrogate pair at byte 13"},
      {R"("\udc00")", "half a surrogate pair at byte 7"},
      {"'a'", "want a value at byte 0"},
      {"// x\n1", "want a value at byte 0"},
      {"\xef\xbb\xbf{}", "want a value at byte 0"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(failure_of(text), "JSON: " + std::string(want)) << text;
}

TEST(PortableJson, IntegersAreKeptWhole) {
  const auto integer = [](std::string_view text) -> std::optional<int64_t> {
    const auto value = parse_json(text);
    return value && value->integer() != nullptr ? std::optional(*value->integer()) : std::nullopt;
  };
  EXPECT_EQ(integer("0"), 0);
  EXPECT_EQ(integer("-12"), -12);
  EXPECT_EQ(integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(integer("-9223372036854775807"), -INT64_MAX);
  for (const char* number : {"1.0", "1e3", "-0", "9223372036854775808", "99999999999999999999999"}) {
    EXPECT_EQ(integer(number), std::nullopt) << number;
  }
  EXPECT_EQ(number_of("12"), 12.0);
  EXPECT_TRUE(std::signbit(number_of("-0")));
}

TEST(PortableJson, ManyKeysTakeNoQuadraticTime) {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += '"' + std::to_string(i) + "\":1,";
  EXPECT_EQ(failure_of(text + "\"x\":1}"), "no failure");
  EXPECT_NE(failure_of(text + "\"0\":1}").find("a key appears twice"), std::string::npos);
}

TEST(PortableJson, BoundsTheDepth) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(failure_of(nested(65)), "no failure");
  EXPECT_EQ(failure_of(nested(66)), "JSON: too many levels at byte 65");
  EXPECT_EQ(failure_of(std::string(1'000'000, '[')), "JSON: too many levels at byte 65");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(failure_of(objects), "JSON: too many levels at byte 325");
}

}  // namespace
}  // namespace cortland::portable
