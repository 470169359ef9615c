#include "pipeline/conversation.h"

#include "base/error.h"

namespace cortland {

Conversation::Prompt Conversation::render(Thinking thinking) const {
  std::vector<Message> all;
  if (!system_.empty()) all.push_back({"system", text_.quote(system_)});
  for (const Message& message : messages_) all.push_back({message.role, text_.quote(message.content)});
  const std::string marked = text_.render(all, {.thinking = thinking});
  return {.text = text::PromptEncoder::unquote(marked), .ids = text_.encode_prompt(marked)};
}

Conversation::Prompt Conversation::prompt(Thinking thinking, int64_t reserve) {
  size_t dropped = 0;
  while (true) {
    Prompt prompt = render(thinking);
    prompt.dropped = dropped;
    if (static_cast<int64_t>(prompt.ids.size()) + reserve <= context_) return prompt;
    require(messages_.size() > 1, ErrorCode::invalid,
            "prompt: got {} tokens, want at most {} of a context of {}; hint: convert "
            "with a larger --context",
            prompt.ids.size(), context_ - reserve, context_);
    // A question goes with its answer.
    const size_t turn = messages_.size() > 2 ? 2 : 1;
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(turn));
    dropped += turn;
  }
}

}  // namespace cortland
