// The input is a chat template, then optionally a zero byte and the JSON object of what it sees. Whatever comes, it
// ends within its limits, with a text or a message, and twice the same.
#include <algorithm>

#include "input.h"
#include "text/chat_template.h"

using namespace cortland;

namespace {

constexpr std::string_view kContext = R"({
  "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "H\u00e9 \ud55c \ud83d\ude00"},
               {"role": "assistant", "content": null, "tool_calls": [{"name": "f", "arguments": {"a": [1, 2.5]}}]}],
  "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
  "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>", "s": "a b", "l": [3, 1, 2], "d": {"a": 1},
  "i": 7})";

text::ChatTemplate::Context make_context(std::string_view json) {
  text::ChatTemplate::Context context;
  // Small ones, so that an input takes milliseconds.
  context.limits = {.steps = 200'000, .memory = 8u << 20, .output = 1u << 20};
  auto value = portable::parse_json(json);
  if (!value || !value->object()) value = portable::parse_json(kContext);
  expect(static_cast<bool>(value), "the usual context is JSON");
  context.variables = *value->object();
  return context;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = text_of(data, size);
  const size_t end = std::min(input.find('\0'), input.size());
  const auto parsed = text::ChatTemplate::parse(input.substr(0, end));
  expect(parsed || parsed.message().starts_with("chat template: "), "a failure says why");
  if (!parsed) return 0;
  const auto context = make_context(input.substr(std::min(end + 1, input.size())));
  const auto first = parsed->render(context), second = parsed->render(context);
  expect(static_cast<bool>(first) == static_cast<bool>(second), "two renderings end alike");
  if (first) {
    expect(*first == *second, "two renderings are the same");
    expect(first->size() <= context.limits.output, "the text is within its limits");
  } else {
    expect(!first.message().empty() && first.message() == second.message(), "a failure says why, and twice the same");
  }
  return 0;
}
