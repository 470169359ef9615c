#include "checkpoint/index.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace cortland {
namespace {

std::string failure_of_index(std::string_view text) {
  return failure([&] { parse_index(text, "i.json"); });
}

TEST(Index, ListsTensorsByFile) {
  const auto index = parse_index(
      R"({"metadata": {"total_size": "wrong"}, "weight_map": {"b": "2.safetensors", "c": "1.safetensors", "a": "2.safetensors"}})",
      "i.json");
  const std::map<std::string, std::vector<std::string>> want = {{"1.safetensors", {"c"}},
                                                                {"2.safetensors", {"a", "b"}}};
  EXPECT_EQ(index, want);
}

TEST(Index, RefusesOtherForms) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"(not valid JSON at line 1, column 1; got "")"},
      {"[]", "got [], want an object"},
      {"{}", R"(key "weight_map" is missing)"},
      {R"({"weight_map": []})", "weight_map: want an object of tensor names"},
      {R"({"weight_map": {}})", "weight_map: want an object of tensor names"},
      {R"({"weight_map": {"a": 1}})", R"(weight_map["a"]: got 1, want a string)"},
      {R"({"weight_map": {"a": null}})", R"(weight_map["a"]: got null, want a string)"},
      {R"({"weight_map": {"a": "1", "a": "2"}})", R"(key "a" appears twice in one object)"},
      {R"({"weight_map": {"a": "1"}, "weight_map": {"a": "1"}})", R"(key "weight_map" appears twice in one object)"},
  };
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(failure_of_index(text), "corrupt: i.json: " + std::string(want)) << text;
  }
}

TEST(Index, RefusesNamesThatLeaveTheFolder) {
  // As the JSON has it, and as the message shows it.
  const std::pair<std::string, std::string> names[] = {
      {"", ""}, {".", "."}, {"..", ".."}, {"../x", "../x"}, {"/etc/passwd", "/etc/passwd"}, {"a/b", "a/b"},
      {"a/", "a/"}, {"./a", "./a"}, {R"(a\\b)", R"(a\b)"}, {R"(..\\x)", R"(..\x)"}, {R"(a\u0000b)", R"(a\x00b)"}};
  for (const auto& [json, shown] : names) {
    EXPECT_EQ(
        failure_of_index("{\"weight_map\": {\"w\\n\": \"" + json + "\"}}"),
        R"(corrupt: i.json: weight_map["w\x0a"]: got ")" + shown + R"(", want the name of a file in the same folder)");
  }
  EXPECT_EQ(failure_of_index(R"({"weight_map": {"w": "..a"}})"), "no error");
}

}  // namespace
}  // namespace cortland
