// How EXAONE 4.0 talks: a template that behaves like its own (the golden cases named bracket_*), and the splitter.
#include <gmock/gmock.h>

#include <fstream>

#include "text/chat_template.h"
#include "text/reasoning.h"

namespace cortland::text {
namespace {

using portable::JsonValue;

std::string template_text() {
  std::ifstream file(CORTLAND_TEST_DATA "/golden/text/templates.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto golden = portable::parse_json(line);
    if (golden && *golden->find("name")->text() == "bracket_0") return *golden->find("template")->text();
  }
  return "";
}

// Of a conversation, with variables such as {"enable_thinking": true}.
std::string render(const std::string& messages, const std::string& variables, const std::string& tools = "null") {
  const auto parsed = ChatTemplate::parse(template_text());
  if (!parsed) return parsed.message();
  ChatTemplate::Context context;
  context.messages = *portable::parse_json(messages);
  const std::string& last_role = *context.messages.array()->back().find("role")->text();
  context.tools = *portable::parse_json(tools);
  context.variables = *portable::parse_json(variables)->object();
  context.add_generation_prompt = last_role == "user";
  const auto rendered = parsed->render(context);
  return rendered ? *rendered : rendered.message();
}

constexpr const char* kHi = R"([{"role": "user", "content": "Hi"}])";
constexpr const char* kAnswered = R"([{"role": "user", "content": "Hi"},
                                      {"role": "assistant", "content": "<think>\nabc\n</think>\n\nYo"}])";

TEST(Exaone, ThinkingIsOffUnlessItIsTrue) {
  const std::string off = "[|user|]\nHi[|endofturn|]\n[|assistant|]\n<think>\n\n</think>\n\n";
  EXPECT_EQ(render(kHi, "{}"), off);
  EXPECT_EQ(render(kHi, R"({"enable_thinking": false})"), off);
  EXPECT_EQ(render(kHi, R"({"enable_thinking": "true"})"), off);
  EXPECT_FALSE(ReasoningSplitter::is_opened_by(off, {}));
}

TEST(Exaone, ThinkingOnLeavesTheTagOpen) {
  const std::string prompt = render(kHi, R"({"enable_thinking": true})");
  EXPECT_EQ(prompt, "[|user|]\nHi[|endofturn|]\n[|assistant|]\n<think>\n");
  ReasoningSplitter splitter({.is_open = ReasoningSplitter::is_opened_by(prompt, {})});
  const auto pieces = splitter.add("They say hi.\n</think>\n\nHello!");
  EXPECT_EQ(pieces.reasoning, "They say hi.");
  EXPECT_EQ(pieces.answer, "Hello!");
}

TEST(Exaone, OldReasoningIsLeftOut) {
  EXPECT_EQ(render(kAnswered, "{}"),
            "[|user|]\nHi[|endofturn|]\n[|assistant|]\n<think>\n\n</think>\n\nYo[|endofturn|]\n");
  // Nine characters go for a tag of seven: so does the first letter, as in the original.
  EXPECT_EQ(render(kAnswered, R"({"skip_think": false})"),
            "[|user|]\nHi[|endofturn|]\n[|assistant|]\n<think>\nbc\n</think>\n\nYo[|endofturn|]\n");
}

TEST(Exaone, ToolsComeFirst) {
  EXPECT_THAT(render(kHi, "{}", R"([{"name": "날씨", "b": 1, "a": [1.0, null]}])"),
              testing::AllOf(testing::StartsWith("[|system|]\n"),
                             testing::HasSubstr("\n<tool>{\"name\": \"날씨\", \"b\": 1, \"a\": [1.0, null]}</tool>\n"),
                             testing::HasSubstr("[|endofturn|]\n[|user|]\nHi[|endofturn|]\n")));
}

TEST(Exaone, UnknownRolesAreRefused) {
  EXPECT_THAT(render(R"([{"role": "x", "content": "Hi"}])", "{}"), testing::EndsWith("Unknown role: x"));
}

}  // namespace
}  // namespace cortland::text
