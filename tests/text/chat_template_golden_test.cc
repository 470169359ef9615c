// Every case of golden/text/templates.jsonl, as its README says: the text that Jinja renders, or a failure.
#include <gmock/gmock.h>

#include <fstream>

#include "text/chat_template.h"

namespace cortland::text {
namespace {

using portable::JsonValue;

// "2025-03-04T15:06:07"
LocalTime parse_time(const std::string& text) {
  LocalTime time;
  const auto number = [&](size_t begin, size_t size) { return std::stoi(text.substr(begin, size)); };
  time = {number(0, 4), number(5, 2), number(8, 2), number(11, 2), number(14, 2), number(17, 2)};
  return time;
}

// All that the template sees, as it is.
ChatTemplate::Context make_context(const JsonValue& golden) {
  ChatTemplate::Context context;
  context.variables = *golden.find("context")->object();
  if (const JsonValue* now = golden.find("now"); now && now->text()) context.now = parse_time(*now->text());
  return context;
}

void check(const JsonValue& golden) {
  const std::string& name = *golden.find("name")->text();
  SCOPED_TRACE(name);
  const auto parsed = ChatTemplate::parse(*golden.find("template")->text());
  portable::Result<std::string> rendered = portable::Failure{parsed ? "" : parsed.message()};
  if (parsed) rendered = parsed->render(make_context(golden));
  if (const JsonValue* error = golden.find("error")) {
    ASSERT_FALSE(rendered) << "got: " << *rendered;
    const bool is_raised = *error->find("type")->text() == "TemplateError";
    EXPECT_EQ(ChatTemplate::raised(rendered.message()).has_value(), is_raised) << rendered.message();
    if (is_raised) {
      EXPECT_EQ(ChatTemplate::raised(rendered.message()), *error->find("message")->text());
    }
    return;
  }
  ASSERT_TRUE(rendered) << rendered.message();
  EXPECT_EQ(*rendered, *golden.find("expected")->text());
}

TEST(ChatTemplateGolden, EveryCase) {
  std::ifstream file(CORTLAND_TEST_DATA "/golden/text/templates.jsonl");
  size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    const auto golden = portable::parse_json(line);
    ASSERT_TRUE(golden) << golden.message();
    // Nothing here escapes text for HTML, so nothing is marked as safe from it either.
    if (*golden->find("name")->text() == "safe_markup") continue;
    check(*golden);
    ++count;
  }
  EXPECT_GT(count, 80u);
}

// Random expressions and statements, all with the context of the first line.
TEST(ChatTemplateGolden, Expressions) {
  std::ifstream file(CORTLAND_TEST_DATA "/golden/text/expressions.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const auto first = portable::parse_json(line);
  ASSERT_TRUE(first) << first.message();
  const ChatTemplate::Context context = make_context(*first);
  size_t count = 0;
  for (; std::getline(file, line); ++count) {
    const auto golden = portable::parse_json(line);
    ASSERT_TRUE(golden) << golden.message();
    const std::string& source = *golden->find("template")->text();
    SCOPED_TRACE(source);
    const auto parsed = ChatTemplate::parse(source);
    portable::Result<std::string> rendered = portable::Failure{parsed ? "" : parsed.message()};
    if (parsed) rendered = parsed->render(context);
    const JsonValue* expected = golden->find("expected");
    ASSERT_EQ(static_cast<bool>(rendered), expected != nullptr) << (rendered ? *rendered : rendered.message());
    if (rendered) {
      EXPECT_EQ(*rendered, *expected->text());
    }
  }
  EXPECT_GT(count, 500u);
}

}  // namespace
}  // namespace cortland::text
